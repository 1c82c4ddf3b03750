"""Writes the small ONNX models that test/network/import/onnx.test.ts imports, and what ONNX Runtime computes with them.

    python3 -m venv VENV && VENV/bin/pip install -r test/network/import/requirements.txt
    VENV/bin/python test/network/import/models.py

Inputs are not stored: element i of the input is sin(0.37 i + 1). Models named torch-* come from PyTorch's exporters and are
written only where PyTorch is installed.
"""

import json
import math
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path(__file__).parent / "fixtures"


class Model:
    """A graph in the making: each call adds an operator and returns the name of its output."""

    def __init__(self, shape, opset=17, batch=1):
        self.random = np.random.default_rng(len(shape) * 1000 + sum(shape))
        self.shape = shape
        self.opset = opset
        self.batch = batch
        self.nodes = []
        self.initializers = []
        self.channels = shape[0]

    def constant(self, values, dtype=np.float32):
        name = f"c{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.asarray(values, dtype=dtype), name))
        return name

    def normal(self, *shape, scale=1.0):
        return self.random.standard_normal(shape) * scale

    def op(self, kind, *inputs, **attributes):
        name = f"/{kind.lower()}{len(self.nodes)}/{kind}"
        output = f"{name}_output_0"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], name=name, **attributes))
        return output

    def conv(self, x, outputs, kernel=3, groups=1, bias=True, **attributes):
        size = (kernel, kernel) if isinstance(kernel, int) else kernel
        inputs = self.channels // groups
        weight = self.normal(outputs, inputs, *size, scale=1 / math.sqrt(inputs * size[0] * size[1]))
        arguments = [x, self.constant(weight)] + ([self.constant(self.normal(outputs, scale=0.3))] if bias else [])
        if "auto_pad" not in attributes:
            attributes.setdefault("pads", [size[0] // 2, size[1] // 2] * 2)
        self.channels = outputs
        return self.op("Conv", *arguments, group=groups, **attributes)

    def norm(self, x):
        n = self.channels
        values = [1 + self.normal(n, scale=0.2), self.normal(n, scale=0.2), self.normal(n, scale=0.2)]
        variance = 0.5 + self.random.random(n)
        return self.op("BatchNormalization", x, *map(self.constant, [*values, variance]), epsilon=1e-4)

    def gemm(self, x, inputs, outputs):
        weight = self.normal(outputs, inputs, scale=1 / math.sqrt(inputs))
        return self.op("Gemm", x, self.constant(weight), self.constant(self.normal(outputs)), transB=1)

    def write(self, name, output):
        value = helper.make_tensor_value_info
        graph = helper.make_graph(
            self.nodes,
            name,
            [value("x", TensorProto.FLOAT, [self.batch, *self.shape])],
            [value(output, TensorProto.FLOAT, None)],
            self.initializers,
        )
        opsets = [helper.make_opsetid("", self.opset)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="models.py")
        save(name, model.SerializeToString(), self.shape)


outputs = {}


def save(name, data, shape):
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    count = math.prod(shape)
    x = np.sin(0.37 * np.arange(count) + 1).astype(np.float32).reshape(1, *shape)
    (result,) = session.run(None, {session.get_inputs()[0].name: x})
    (FOLDER / f"{name}.onnx").write_bytes(data)
    outputs[name] = [float(f"{v:.7g}") for v in result.ravel()]


def lenet():
    m = Model([1, 12, 12], opset=13)
    x = m.op("Relu", m.conv("x", 4, kernel=5, pads=[0, 0, 0, 0]))
    x = m.op("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = m.op("Tanh", m.conv(x, 6, pads=[0, 0, 0, 0]))
    x = m.op("Flatten", x)
    x = m.op("Sigmoid", m.gemm(x, 6 * 4, 10))
    m.write("lenet", m.op("Softmax", m.gemm(x, 10, 5), axis=1))
    outputs["lenet"] = None


def vgg():
    m = Model([3, 8, 8], opset=14, batch="N")
    x = "x"
    for channels in (4, 6):
        for _ in range(2):
            x = m.op("Relu", m.norm(m.conv(x, channels, bias=False)))
        x = m.op("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
    # torch.flatten as the TorchScript exporter writes it with a free batch
    n = m.op("Gather", m.op("Shape", x), m.constant(0, np.int64), axis=0)
    shape = m.op("Concat", m.op("Unsqueeze", n, m.constant([0], np.int64)), m.constant([-1], np.int64), axis=0)
    m.write("vgg", m.gemm(m.op("Dropout", m.op("Reshape", x, shape)), 6 * 4, 4))


def resnet():
    m = Model([3, 8, 8], opset=17)
    x = m.op("Relu", m.norm(m.conv("x", 4)))
    y = m.norm(m.conv(m.op("Relu", m.norm(m.conv(x, 4))), 4))
    x = m.op("Relu", m.op("Add", y, x))
    y = m.norm(m.conv(m.op("Relu", m.norm(m.conv(x, 6, strides=[2, 2]))), 6))
    m.channels = 4
    x = m.op("Relu", m.op("Add", y, m.norm(m.conv(x, 6, kernel=1, strides=[2, 2], pads=[0] * 4))))
    x = m.op("Flatten", m.op("GlobalAveragePool", x))
    m.write("resnet", m.gemm(x, 6, 3))


def preactivation():
    """Two readers of one activation, a subtraction, and a convolution behind an activation that is also a summand."""
    m = Model([3, 8, 8], opset=18)
    x = m.conv("x", 4)
    h = m.op("Relu", m.norm(x))
    x = m.op("Sub", m.conv(h, 4), x)
    x = m.op("Add", x, h)
    m.write("preactivation", m.op("ReduceMean", x, m.constant([-1, -2], np.int64), keepdims=0))


def depthwise():
    m = Model([3, 8, 8])
    x = m.conv("x", 4, kernel=(3, 1))
    x = m.op("Clip", m.norm(m.conv(x, 4, groups=4, strides=[2, 1])), m.constant(0.0), m.constant(6.0))
    x = m.op("Clip", m.conv(x, 6, kernel=1, pads=[0] * 4), m.constant(0.0), m.constant(6.0))
    m.write("depthwise", m.op("ReduceMean", x, axes=[2, 3], keepdims=1))


def dilated():
    m = Model([2, 9, 7])
    x = m.conv("x", 4, groups=2, dilations=[2, 1], pads=[2, 1, 1, 0])
    x = m.op("LeakyRelu", x, alpha=0.1)
    m.write("dilated-grouped", m.conv(x, 6, groups=2, dilations=[1, 2], strides=[2, 2], pads=[0, 2, 1, 2]))


def auto_pad():
    for mode in ("SAME_UPPER", "SAME_LOWER", "VALID"):
        m = Model([2, 7, 8])
        x = m.conv("x", 3, kernel=(4, 3), auto_pad=mode, strides=[2, 2])
        m.write(f"auto-pad-{mode.lower().replace('_', '-')}", x)


def auto_encoder():
    m = Model([3, 8, 8])
    x = m.op("Elu", m.conv("x", 4, strides=[2, 2]), alpha=0.5)
    x = m.op("Resize", x, "", m.constant([1, 1, 2, 2]), mode="nearest", nearest_mode="floor",
             coordinate_transformation_mode="asymmetric")
    x = m.conv(x, 3)
    m.write("auto-encoder", m.op("Sigmoid", x))


def resize():
    m = Model([2, 3, 4], opset=13)
    x = m.op("Resize", "x", "", m.constant([1, 1, 3, 2]), mode="nearest")
    sizes = m.constant([1, 2, 18, 8], np.int64)
    m.write("resize", m.op("Resize", x, "", "", sizes, mode="nearest", nearest_mode="floor",
                           coordinate_transformation_mode="asymmetric"))
    m = Model([2, 3, 4], opset=9)
    m.write("upsample", m.op("Upsample", "x", m.constant([1, 1, 2, 3]), mode="nearest"))


def padding():
    m = Model([2, 6, 6], opset=18)
    x = m.op("Pad", "x", m.constant([0, 0, 1, 2, 0, 0, 0, 1], np.int64))
    x = m.conv(x, 3, pads=[0, 1, 1, 0])
    x = m.op("Pad", x, m.constant([1, 1, 1, 1], np.int64), "", m.constant([2, 3], np.int64))
    m.write("padding", m.op("AveragePool", x, kernel_shape=[3, 3], strides=[2, 2]))
    m = Model([2, 6, 6])
    m.write("pool-include-pad", m.op("AveragePool", "x", kernel_shape=[3, 2], pads=[1, 0, 1, 1], count_include_pad=1))


def concat():
    m = Model([2, 6, 6])
    left = m.op("Relu", m.conv("x", 3))
    m.channels = 2
    right = m.conv("x", 2, kernel=1, pads=[0] * 4)
    m.channels = 5
    x = m.conv(m.op("Concat", left, right, axis=1), 3)
    pooled = m.op("GlobalAveragePool", x)
    squeezed = m.op("Squeeze", pooled, m.constant([2, 3], np.int64))
    m.write("concat", m.op("Concat", squeezed, m.gemm(squeezed, 3, 2), axis=-1))


def channels_last():
    """As converters from TensorFlow write it."""
    m = Model([6, 6, 3])
    m.channels = 3
    x = m.op("Transpose", "x", perm=[0, 3, 1, 2])
    x = m.op("Relu", m.conv(x, 4, strides=[2, 2]))
    x = m.op("Transpose", x, perm=[0, 2, 3, 1])
    x = m.op("Add", x, m.constant(m.normal(4)))
    x = m.op("Reshape", x, m.constant([-1, 36], np.int64))
    x = m.op("MatMul", x, m.constant(m.normal(36, 5)))
    m.write("channels-last", m.op("Add", x, m.constant(m.normal(5))))


def perceptron():
    m = Model([10], opset=13)
    x = m.op("MatMul", "x", m.op("Transpose", m.constant(m.normal(8, 10)), perm=[1, 0]))
    x = m.op("Add", m.constant(m.normal(8)), x)
    x = m.op("Mul", x, x)
    x = m.op("Gemm", x, m.constant(m.normal(8, 3)), m.constant(m.normal(1, 3)), alpha=0.5, beta=2.0)
    m.write("perceptron", m.op("Identity", x))


def arithmetic():
    m = Model([3, 4, 4])
    x = m.op("Div", m.op("Sub", "x", m.constant(m.normal(3, 1, 1))), m.constant(0.5 + m.random.random((1, 3, 1, 1))))
    x = m.op("Sub", m.constant(1.0), m.op("Mul", x, m.constant(np.full((1, 1, 1, 1), 3.0))))
    x = m.op("Neg", m.op("Sum", x, "x", x))
    k = m.op("Mul", m.constant([2.0, 3.0, 4.0]), m.op("Sqrt", m.constant(4.0)))
    m.write("arithmetic", m.op("Mul", x, m.op("Unsqueeze", k, m.constant([0, 2, 3], np.int64))))


def squares():
    m = Model([3, 4, 4])
    x = m.conv("x", 4)
    a, b, k = (m.constant(m.normal(4, 1, 1)) for _ in range(3))
    x = m.op("Add", m.op("Mul", a, m.op("Pow", x, m.constant(2.0))), m.op("Add", m.op("Mul", b, x), k))
    x = m.conv(x, 2)
    m.write("squares", m.op("Mul", x, x))


def activations():
    """Every function, as one operator and as exporters take it apart."""

    def silu(m, x):
        return m.op("Mul", x, m.op("Sigmoid", x))

    def gelu_erf(m, x):
        inner = m.op("Erf", m.op("Div", x, m.constant(math.sqrt(2))))
        return m.op("Mul", m.op("Mul", x, m.op("Add", inner, m.constant(1.0))), m.constant(0.5))

    def gelu_tanh(m, x):
        cube = m.op("Mul", m.op("Pow", x, m.constant(3.0)), m.constant(0.044715))
        inner = m.op("Tanh", m.op("Mul", m.op("Add", x, cube), m.constant(math.sqrt(2 / math.pi))))
        return m.op("Mul", m.op("Mul", m.constant(0.5), x), m.op("Add", m.constant(1.0), inner))

    def hard_swish_clip(m, x):
        clipped = m.op("Clip", m.op("Add", x, m.constant(3.0)), m.constant(0.0), m.constant(6.0))
        return m.op("Div", m.op("Mul", x, clipped), m.constant(6.0))

    def hard_swish_sigmoid(m, x):
        return m.op("Mul", x, m.op("HardSigmoid", x, alpha=1 / 6, beta=0.5))

    def mish(m, x):
        return m.op("Mul", x, m.op("Tanh", m.op("Softplus", x)))

    def sigmoid_exp(m, x):
        return m.op("Reciprocal", m.op("Add", m.op("Exp", m.op("Neg", x)), m.constant(1.0)))

    def scaled(m, x):
        """No function of the table as a whole: three of its parts are."""
        inner = m.op("Add", m.op("Mul", x, m.constant(2.0)), m.constant(m.normal(2, 1, 1)))
        return m.op("Sub", m.op("Mul", m.op("Tanh", inner), m.constant(3.0)), m.op("Relu", x))

    def named(kind, **attributes):
        return lambda m, x: m.op(kind, x, **attributes)

    kinds = {
        "relu": (named("Relu"), 13),
        "relu-max": (lambda m, x: m.op("Max", m.constant(0.0), x), 13),
        "leaky-relu": (named("LeakyRelu", alpha=0.2), 16),
        "prelu": (lambda m, x: m.op("PRelu", x, m.constant([[[0.25]]])), 16),
        "elu": (named("Elu", alpha=1.25), 13),
        "sigmoid": (named("Sigmoid"), 13),
        "sigmoid-exp": (sigmoid_exp, 13),
        "hard-sigmoid": (named("HardSigmoid", alpha=1 / 6), 13),
        "tanh": (named("Tanh"), 13),
        "gelu": (named("Gelu"), 20),
        "gelu-approximate": (named("Gelu", approximate="tanh"), 20),
        "gelu-erf": (gelu_erf, 17),
        "gelu-tanh": (gelu_tanh, 17),
        "silu": (silu, 17),
        "softplus": (named("Softplus"), 17),
        "hard-swish": (named("HardSwish"), 17),
        "hard-swish-clip": (hard_swish_clip, 17),
        "hard-swish-sigmoid": (hard_swish_sigmoid, 17),
        "mish": (named("Mish"), 18),
        "mish-parts": (mish, 17),
        "scaled": (scaled, 17),
        "relu-abs": (lambda m, x: m.op("Mul", m.op("Add", x, m.op("Abs", x)), m.constant(0.5)), 17),
        "relu6-min": (lambda m, x: m.op("Min", m.op("Max", x, m.constant(0.0)), m.constant(6.0)), 17),
        "softplus-log": (lambda m, x: m.op("Log", m.op("Add", m.op("Exp", x), m.constant(1.0))), 17),
    }
    for name, (build, opset) in kinds.items():
        m = Model([2, 3, 3], opset=opset)
        # Values on both sides of every bend.
        x = m.op("Mul", "x", m.constant(8.0))
        m.write(f"activation-{name}", build(m, x))


def half_precision():
    m = Model([2, 4, 4])
    x = m.op("Cast", m.constant(m.normal(3, 2, 3, 3), np.float16), to=TensorProto.FLOAT)
    m.write("half-precision", m.op("Conv", "x", x))


def folding():
    """Factors of channels by every operator that is computed when a model is imported."""
    m = Model([3, 2, 2], opset=17)
    whole = m.op("Range", *(m.constant(value, np.int64) for value in (0, 3, 1)))
    x = m.op("Cast", whole, to=TensorProto.FLOAT)
    odd = m.op("Cast", m.op("Mod", whole, m.constant([2], np.int64)), to=TensorProto.FLOAT)
    second = m.op("Equal", whole, m.op("Expand", m.constant([1], np.int64), m.constant([3], np.int64)))
    value = numpy_helper.from_array(np.asarray([0.25], np.float32))
    quarters = m.op("ConstantOfShape", m.constant([3], np.int64), value=value)
    chosen = m.op("Where", second, m.op("Neg", quarters), m.op("Reciprocal", m.op("Add", x, quarters)))
    total = m.op("Sub", m.op("Exp", m.op("Mul", odd, quarters)), m.op("Abs", chosen))
    total = m.op("Add", total, m.op("Floor", m.op("Div", x, m.op("Pow", m.constant(1.5), m.constant(2.0)))))
    total = m.op("Max", total, m.op("Min", m.op("Ceil", m.op("Sqrt", x)), quarters))
    extents = m.op("Slice", m.op("Shape", "x"), m.constant([1], np.int64), m.constant([4], np.int64))
    rows = m.op("Gather", extents, m.constant([1, 2], np.int64), axis=0)
    half = m.op("Div", rows, m.op("Constant", value_ints=[2, 2]))
    shape = m.op("Concat", m.op("Constant", value=numpy_helper.from_array(np.asarray([3], np.int64))), half, axis=0)
    flat = m.op("Squeeze", m.op("Transpose", m.op("Unsqueeze", total, m.constant([0], np.int64)), perm=[1, 0]))
    m.write("folding", m.op("Mul", "x", m.op("Reshape", flat, shape)))


def torch_models():
    try:
        import torch
        from torch import nn
    except Exception as error:  # noqa: BLE001
        print(f"no PyTorch, no torch-* models: {error}")
        return
    import io
    import warnings

    warnings.filterwarnings("ignore")

    class Block(nn.Module):
        def __init__(self, inputs, outputs, stride, activation):
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), activation(),
                nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs))
            self.shortcut = nn.Identity() if stride == 1 and inputs == outputs else nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
            self.last = activation()

        def forward(self, x):
            return self.last(self.body(x) + self.shortcut(x))

    def resnet(activation):
        return nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), activation(), Block(4, 4, 1, activation),
            Block(4, 6, 2, activation), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.1), nn.Linear(6, 5))

    class Encoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.down = nn.Conv2d(3, 4, 3, 2, 1)
            self.up = nn.Upsample(scale_factor=2, mode="nearest")
            self.last = nn.Conv2d(7, 3, 3, padding="same")

        def forward(self, x):
            y = self.up(nn.functional.gelu(self.down(x), approximate="tanh"))
            return torch.sigmoid(self.last(torch.cat([x, y], 1)))

    class Polynomial(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)
            self.a = nn.Parameter(torch.tensor([0.1, 0.2, 0.3, 0.4]).view(1, 4, 1, 1))
            self.linear = nn.Linear(4 * 9, 3)

        def forward(self, x):
            x = self.conv(nn.functional.pad(x, (0, 1, 1, 0)))
            x = self.a * x**2 + 0.5 * x + 0.25
            x = nn.functional.avg_pool2d(x, 2)
            return self.linear(x.view(x.size(0), -1))

    torch.manual_seed(0)
    models = {
        "resnet-silu": resnet(nn.SiLU), "resnet-gelu": resnet(nn.GELU), "resnet-hardswish": resnet(nn.Hardswish),
        "resnet-mish": resnet(nn.Mish), "encoder": Encoder(), "polynomial": Polynomial(),
    }
    for name, model in models.items():
        torch.manual_seed(1)
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.normal_(0, 0.2)
                module.running_var.uniform_(0.5, 1.5)
        model.eval()
        x = torch.zeros(1, 3, 8, 8)
        for exporter in ("torchscript", "dynamo"):
            target = io.BytesIO()
            try:
                if exporter == "dynamo":
                    program = torch.onnx.export(model, (x,), dynamo=True, opset_version=18)
                    target.write(program.model_proto.SerializeToString())
                else:
                    torch.onnx.export(model, (x,), target, dynamo=False, opset_version=17, dynamic_axes={"x": {0: "n"}},
                                      input_names=["x"])
            except Exception as error:  # noqa: BLE001
                print(f"{exporter} {name}: {error}")
                continue
            proto = onnx.load_from_string(target.getvalue())
            del proto.graph.value_info[:]
            for node in proto.graph.node:
                node.doc_string = ""
                del node.metadata_props[:]
            save(f"torch-{exporter}-{name}", proto.SerializeToString(), [3, 8, 8])


def main():
    FOLDER.mkdir(exist_ok=True)
    for build in (vgg, resnet, preactivation, depthwise, dilated, auto_pad, auto_encoder, resize, padding, concat,
                  channels_last, perceptron, arithmetic, squares, activations, half_precision, folding, torch_models):
        build()
    lenet_with_scores()
    (FOLDER / "outputs.json").write_text(json.dumps(outputs, indent=1).replace(",\n  ", ",").replace("[\n  ", "[") + "\n")


def lenet_with_scores():
    """Its softmax is left to the client: the outputs are the scores before it."""
    lenet()
    model = onnx.load(str(FOLDER / "lenet.onnx"))
    softmax = model.graph.node.pop()
    model.graph.output[0].name = softmax.input[0]
    kept = (FOLDER / "lenet.onnx").read_bytes()
    save("lenet", model.SerializeToString(), [1, 12, 12])
    (FOLDER / "lenet.onnx").write_bytes(kept)


main()
