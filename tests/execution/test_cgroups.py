"""The limits of control groups, in trees of files as Linux shows them: here they are made up."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from cnncalc.execution import cgroups, memory, threads

Tree = Callable[[Mapping[str, str]], None]
"""Lays out files by their paths."""

GIB = 2**30
UNIFIED = "32 31 0:29 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
FIRST = (
    "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    monkeypatch.setattr(cgroups, "ROOT", tmp_path)
    monkeypatch.setattr(memory, "_of_system", lambda: 64 * GIB)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)), raising=False)

    def laid_out(files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "ascii")

    return laid_out


def unified(group: str, limit: str, used: int, cached: int = 0) -> dict[str, str]:
    folder = f"sys/fs/cgroup{group}"
    return {
        f"{folder}/memory.max": f"{limit}\n",
        f"{folder}/memory.current": f"{used}\n",
        f"{folder}/memory.stat": f"anon 5\ninactive_file {cached}\n",
    }


def test_no_groups_no_limits(tree: Tree) -> None:
    assert memory.available() == 64 * GIB
    assert threads.cores() == 16


class TestMemory:
    def test_the_own_group_of_the_unified_version(self, tree: Tree) -> None:
        tree({
            "proc/self/cgroup": "0::/user.slice/run.scope\n",
            "proc/self/mountinfo": UNIFIED,
            **unified("/user.slice/run.scope", str(4 * GIB), 3 * GIB, GIB),
            **unified("/user.slice", "max", 5 * GIB),
        })  # fmt: skip
        assert memory.available() == 2 * GIB

    def test_a_group_around_it_has_less(self, tree: Tree) -> None:
        tree({
            "proc/self/cgroup": "0::/a/b/c\n",
            "proc/self/mountinfo": UNIFIED,
            **unified("/a/b/c", "max", 0),
            **unified("/a/b", str(4 * GIB), GIB),
            **unified("/a", str(9 * GIB), 8 * GIB),
        })  # fmt: skip
        assert memory.available() == GIB

    def test_the_first_version(self, tree: Tree) -> None:
        folder = "sys/fs/cgroup/memory/jobs/7"
        tree({
            "proc/self/cgroup": "5:cpu,cpuacct:/\n4:memory:/jobs/7\n1:name=systemd:/x\n0::/\n",
            "proc/self/mountinfo": FIRST,
            f"{folder}/memory.limit_in_bytes": f"{2 * GIB}\n",
            f"{folder}/memory.usage_in_bytes": f"{GIB + 100}\n",
            f"{folder}/memory.stat": "inactive_file 7\ntotal_inactive_file 100\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": "5\n",
        })  # fmt: skip
        assert memory.available() == GIB

    def test_a_container_that_sees_its_own_group_alone(self, tree: Tree) -> None:
        tree({
            "proc/self/cgroup": "4:memory:/docker/abc\n",
            "proc/self/mountinfo": "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro master:4 "
            "- cgroup cgroup rw,memory\n",
            "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{GIB}\n",
            "sys/fs/cgroup/memory/memory.usage_in_bytes": "0\n",
        })  # fmt: skip
        assert memory.available() == GIB

    def test_a_path_out_of_what_is_seen(self, tree: Tree) -> None:
        tree({
            "proc/self/cgroup": "0::/../other\n",
            "proc/self/mountinfo": UNIFIED,
            **unified("", str(GIB), 0),
        })  # fmt: skip
        assert memory.available() == GIB

    def test_a_mount_with_a_blank_in_its_path(self, tree: Tree) -> None:
        tree({
            "proc/self/cgroup": "0::/\n",
            "proc/self/mountinfo": "32 31 0:29 / /my\\040groups rw - cgroup2 none rw\n",
            "my groups/memory.max": f"{GIB}\n",
            "my groups/memory.current": "0\n",
        })  # fmt: skip
        assert memory.available() == GIB

    def test_more_used_than_allowed_leaves_nothing(self, tree: Tree) -> None:
        tree({
            "proc/self/cgroup": "0::/a\n",
            "proc/self/mountinfo": UNIFIED,
            **unified("/a", str(GIB), 2 * GIB),
        })  # fmt: skip
        assert memory.available() == 0

    @pytest.mark.parametrize("text", ["", "x", "::", "0::", "4:memory", "\n\n", "- cgroup2 - -"])
    def test_what_nobody_understands_limits_nothing(self, tree: Tree, text: str) -> None:
        tree({"proc/self/cgroup": text, "proc/self/mountinfo": text})
        assert memory.available() == 64 * GIB
        tree({"proc/self/cgroup": text, "proc/self/mountinfo": UNIFIED})
        assert memory.available() == 64 * GIB


class TestCores:
    @pytest.mark.parametrize(
        ("quota", "cores"),
        [("max 100000", 16), ("200000 100000", 2), ("150000 100000", 2), ("5000 100000", 1),
         ("9900000 100000", 16), ("", 16), ("x y", 16), ("1", 16), ("100000 0", 16)],
    )  # fmt: skip
    def test_quota_of_the_unified_version(self, tree: Tree, quota: str, cores: int) -> None:
        tree({
            "proc/self/cgroup": "0::/a/b\n",
            "proc/self/mountinfo": UNIFIED,
            "sys/fs/cgroup/a/b/memory.max": "max\n",
            "sys/fs/cgroup/a/cpu.max": f"{quota}\n",
        })  # fmt: skip
        assert threads.cores() == cores

    @pytest.mark.parametrize(("quota", "cores"), [("-1", 16), ("300000", 3), ("350000", 4)])
    def test_quota_of_the_first_version(self, tree: Tree, quota: str, cores: int) -> None:
        tree({
            "proc/self/cgroup": "4:memory:/m\n5:cpu,cpuacct:/jobs\n",
            "proc/self/mountinfo": FIRST,
            "sys/fs/cgroup/cpu,cpuacct/jobs/cpu.cfs_quota_us": f"{quota}\n",
            "sys/fs/cgroup/cpu,cpuacct/jobs/cpu.cfs_period_us": "100000\n",
        })  # fmt: skip
        assert threads.cores() == cores

    def test_no_more_than_there_are(self, tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 5}, raising=False)
        tree({
            "proc/self/cgroup": "0::/\n",
            "proc/self/mountinfo": UNIFIED,
            "sys/fs/cgroup/cpu.max": "400000 100000\n",
        })  # fmt: skip
        assert threads.cores() == 2

    @pytest.mark.parametrize(
        ("siblings", "usual"),
        [(["0,4", "1,5", "0,4", "1,5"], 2), (["0-1", "0-1", "2-3", "2-3"], 2), (["0"] * 4, 1),
         (["", "", "", ""], 4), (["0", "1", "2", "3"], 4)],
    )  # fmt: skip
    def test_processors_that_are_one_core_are_used_once(
        self, tree: Tree, monkeypatch: pytest.MonkeyPatch, siblings: list[str], usual: int
    ) -> None:
        own = [0, 1, 4, 5]
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(own), raising=False)
        tree({
            threads.SIBLINGS.format(processor): text
            for processor, text in zip(own, siblings, strict=True)
        })  # fmt: skip
        assert threads.usual() == usual
        assert threads.cores() == 4

    def test_a_quota_bounds_the_usual_number_too(
        self, tree: Tree, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3}, raising=False)
        tree({
            "proc/self/cgroup": "0::/\n",
            "proc/self/mountinfo": UNIFIED,
            "sys/fs/cgroup/cpu.max": "200000 100000\n",
        })  # fmt: skip
        assert threads.usual() == threads.cores() == 2
