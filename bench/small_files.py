"""What many small files cost to read, and one large one among small ones: alone, and by a cluster begun here.

    python bench/small_files.py             # 5,000 files of 2 kB; one file of 90 %
    python bench/small_files.py --s3        # the small ones in an S3 store of this machine, too (needs moto, s3fs)

Run with an interpreter that has Firth installed (and Ray: with --alone it is not asked for). Prints seconds for
opening (finding the files) and for encoding, which is the text's words as ids on disk; the first column says who reads.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec

from firth.corpus import small_world
from firth.corpus.encoded import encode
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Words
from firth.distributed.encoding import encoder_of
from firth.distributed.ray_cluster import RayEngine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=5_000)
    parser.add_argument("--bytes", type=int, default=2_000, help="of each")
    parser.add_argument("--skewed", type=int, default=100, help="MB, of which one file is 90 %%")
    parser.add_argument("--s3", action="store_true")
    parser.add_argument("--alone", action="store_true", help="without Ray")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = "\n".join(small_world.text(200_000)).encode()
        small, skewed = Path(folder, "small"), Path(folder, "skewed")
        for place in (small, skewed):
            place.mkdir()
        for number in range(options.files):
            first = number * options.bytes % (len(text) - options.bytes)
            (small / f"{number:05}.txt").write_bytes(text[first : first + options.bytes] + b"\n")
        for number, share in enumerate([1, 90, *[1] * 9]):
            times = share * options.skewed * 10**4 // len(text) + 1
            (skewed / f"{number:02}.txt").write_bytes((text + b"\n") * times)
        time.sleep(0.2)
        texts: dict[str, Any] = {"small": str(small), "skewed": str(skewed)}
        if options.s3:
            with bucket(small) as address:
                report({"small": texts["small"], "small, s3": address, "skewed": texts["skewed"]}, options.alone)
        else:
            report(texts, options.alone)


def report(texts: dict[str, Any], alone: bool) -> None:
    print("| who reads | " + " | ".join(f"{name}: opening | encoding" for name in texts) + " |")
    print("| --- |" + " ---: |" * 2 * len(texts))
    for workers in (0,) if alone else (0, 1, 2):
        cells = []
        encoder, engine = None, None
        if workers:
            engine = RayEngine("local", workers=workers)
            encoder = encoder_of(engine)
            warm(encoder)
        for text in texts.values():
            with tempfile.TemporaryDirectory() as cache:
                begun = time.perf_counter()
                source = open_source(text)
                opened = time.perf_counter()
                encode(source, Words(), cache=cache, encoder=encoder)
                cells += [f"{opened - begun:.2f}", f"{time.perf_counter() - opened:.2f}"]
        print(f"| {f'{workers} workers' if workers else 'this process'} | " + " | ".join(cells) + " |", flush=True)
        if engine is not None:
            engine.close()


def warm(encoder: Any) -> None:
    """Let the workers begin and load their kernels, which is not what is measured."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(16):
            Path(folder, f"{number}.txt").write_text("a b a b\n" * 9, encoding="utf-8")
        encode(open_source(folder), Words(), cache=Path(folder, "cache"), encoder=encoder)


@contextmanager
def bucket(folder: Path) -> Iterator[str]:
    """Put a folder's files into an S3 store of this machine; give their address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], **quiet)
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }  # fmt: skip
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.2)
        filesystem = fsspec.filesystem("s3")
        filesystem.mkdir("bucket")
        filesystem.pipe({f"bucket/small/{path.name}": path.read_bytes() for path in folder.iterdir()})
        begun = time.perf_counter()
        filesystem.cat([f"bucket/small/{path.name}" for path in folder.iterdir()])
        print(f"the store alone takes {time.perf_counter() - begun:.2f} s to give all small files\n")
        filesystem.invalidate_cache()
        yield "s3://bucket/small"
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
