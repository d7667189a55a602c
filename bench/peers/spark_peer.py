"""Train Spark MLlib's Word2Vec (skip-gram, hierarchical softmax) on one text file, on this machine; needs Java.

It has no subsampling, and no other objective.
"""

import re
from pathlib import Path

from peer import Clock, arguments, frequent_words, write_vectors
from pyspark.ml.feature import Word2Vec
from pyspark.sql import SparkSession
from pyspark.sql.functions import col, split


def main() -> None:
    options = arguments(__doc__, rate=0.025)
    session = (
        SparkSession.builder.master(f"local[{options.threads}]")
        .config("spark.driver.memory", "6g")
        .config("spark.ui.enabled", "false")
        .config("spark.log.level", "ERROR")
        .getOrCreate()
    )
    # The Java machine's start is not counted.
    clock = Clock()
    sentences = session.read.text(options.text).select(split(col("value"), " ").alias("words"))
    learner = Word2Vec(
        vectorSize=options.dim,
        windowSize=options.window,
        minCount=options.min_count,
        maxIter=options.epochs,
        stepSize=options.rate,
        numPartitions=options.threads,
        maxSentenceLength=1000,
        seed=options.seed,
        inputCol="words",
    )
    rows = {row["word"]: row["vector"].toArray() for row in learner.fit(sentences).getVectors().collect()}
    clock.has_trained()
    total = clock.trained - clock.start
    if options.out:
        words = [word for word in frequent_words(options.text, options.min_count, None) if word in rows]
        write_vectors(options.out, words, [rows[word] for word in words])
    # The Java machine is a process of its own, whose memory this one's does not show.
    java = session.sparkContext._jvm.java.lang.ProcessHandle.current().pid()  # noqa: SLF001 - there is no other way
    status = Path(f"/proc/{java}/status")
    peak = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    ticks = Path(f"/proc/{java}/stat").read_text().rsplit(")", 1)[1].split()[11:13] if status.exists() else []
    clock.tell(
        "pyspark",
        total_seconds=total,
        java_megabytes=int(peak[1]) / 1024 if peak else None,
        java_processor_seconds=sum(map(int, ticks)) / 100,
    )
    session.stop()


if __name__ == "__main__":
    main()
