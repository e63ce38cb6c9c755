"""The data sets that are known by name. Both come in formats that hold numbers and nothing else: no pickle."""

from __future__ import annotations

from grader.datasets.description import Dataset, Source
from grader.datasets.formats import cifar_binary, idx

__all__ = ["CIFAR10", "DATASETS", "MNIST"]

CIFAR10 = Dataset(
    name="cifar10",
    title="60,000 colour pictures of 10 kinds of things, 32 x 32",
    origin="A. Krizhevsky (2009), Learning multiple layers of features from tiny images, University of Toronto",
    sources=(
        Source(
            "cifar-10-binary.tar.gz",
            170_052_171,
            "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            (
                "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
                "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/cifar-10-binary.tar.gz",
            ),
        ),
    ),
    read=cifar_binary("cifar-10-binary.tar.gz"),
    shape=(3, 32, 32),
    train=50_000,
    test=10_000,
    classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
)


def _mnist(name: str, length: int, sha256: str) -> Source:
    places = ("https://storage.googleapis.com/cvdf-datasets/mnist", "https://ossci-datasets.s3.amazonaws.com/mnist")
    return Source(name, length, sha256, tuple(f"{place}/{name}" for place in places))


MNIST = Dataset(
    name="mnist",
    title="70,000 handwritten digits, 28 x 28",
    origin="Y. LeCun, C. Cortes, C. J. C. Burges (1998), The MNIST database of handwritten digits",
    sources=(
        _mnist(
            "train-images-idx3-ubyte.gz",
            9_912_422,
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        ),
        _mnist(
            "train-labels-idx1-ubyte.gz",
            28_881,
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        ),
        _mnist(
            "t10k-images-idx3-ubyte.gz",
            1_648_877,
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        ),
        _mnist(
            "t10k-labels-idx1-ubyte.gz",
            4_542,
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
    ),
    read=idx(
        X_train="train-images-idx3-ubyte.gz",
        y_train="train-labels-idx1-ubyte.gz",
        X_test="t10k-images-idx3-ubyte.gz",
        y_test="t10k-labels-idx1-ubyte.gz",
    ),
    shape=(1, 28, 28),
    train=60_000,
    test=10_000,
    classes=tuple("0123456789"),
)

DATASETS = {dataset.name: dataset for dataset in (CIFAR10, MNIST)}
