"""What a program will do, decided before anything is made: pure data, the same on every machine of
a kind. No address, no thread, no clock."""
