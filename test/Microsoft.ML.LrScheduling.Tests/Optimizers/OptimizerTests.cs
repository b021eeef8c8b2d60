using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Tests.Optimizers;

[TestClass]
public sealed class OptimizerTests
{
    [TestMethod]
    public void Defaults_are_those_of_PyTorch()
    {
        // torch.optim's documentation, version 2.
        Assert.AreEqual(Optimizer.Sgd(momentum: 0, dampening: 0, nesterov: false, weightDecay: 0), Optimizer.Sgd());
        Assert.AreEqual(Optimizer.Adam(0.9, 0.999, 1e-8, 0, false), Optimizer.Adam());
        Assert.AreEqual(Optimizer.AdamW(0.9, 0.999, 1e-8, 0.01, false), Optimizer.AdamW());
        Assert.AreEqual(Optimizer.RmsProp(0.99, 1e-8, 0, 0, false), Optimizer.RmsProp());
        Assert.AreEqual(Optimizer.Adagrad(0, 0, 0, 1e-10), Optimizer.Adagrad());
        foreach (var kind in Kinds)
            Assert.AreEqual(
                Activator.CreateInstance(kind),
                JsonSerializer.Deserialize<Optimizer>($$"""{"type":"{{kind.Name}}"}""", JsonSerializerOptions.Web));
    }

    [TestMethod]
    public void The_samples_have_every_kind() => CollectionAssert.AreEquivalent(
        Kinds, SampleOptimizers.All.Select(optimizer => optimizer.GetType()).Distinct().ToArray());

    private static Type[] Kinds =>
        [.. typeof(Optimizer).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(kind => kind.DerivedType)];

    [TestMethod]
    public void Arguments_out_of_range_are_named()
    {
        Refused("momentum must be in [0, 1). Received: 1", () => Optimizer.Sgd(momentum: 1));
        Refused("dampening must be in [0, 1). Received: -0.1", () => Optimizer.Sgd(0.9, dampening: -0.1));
        Refused("weightDecay must be in [0, 3.4e38]. Received: -1", () => Optimizer.Sgd(weightDecay: -1));
        Refused("beta1 must be in [0, 1). Received: NaN", () => Optimizer.Adam(beta1: double.NaN));
        Refused("beta2 must be in [0, 1). Received: 1", () => Optimizer.AdamW(beta2: 1));
        Refused("epsilon must be in [0, 3.4e38]. Received: -1E-09", () => Optimizer.RmsProp(epsilon: -1e-9));
        Refused("alpha must be in [0, 1). Received: 2", () => Optimizer.RmsProp(alpha: 2));
        Refused("lrDecay must be in [0, ∞). Received: -1", () => Optimizer.Adagrad(lrDecay: -1));
        Refused("initialAccumulatorValue must be in [0, 3.4e38]. Received: -1", () => Optimizer.Adagrad(initialAccumulatorValue: -1));
        Refused("nesterov needs a momentum in (0, 1) and a dampening of 0. Received: 0 and 0", () => Optimizer.Sgd(nesterov: true));
        Refused("nesterov needs a momentum in (0, 1) and a dampening of 0. Received: 0.9 and 0.5",
            () => Optimizer.Sgd(0.9, 0.5, nesterov: true));

        static void Refused(string message, Func<object> make) =>
            StringAssert.StartsWith(Assert.Throws<ArgumentException>(() => make()).Message, message);
    }

    [TestMethod]
    public void They_are_values()
    {
        Assert.AreEqual(Optimizer.Adam(0.8), Optimizer.Adam() with { Beta1 = 0.8 });
        Assert.AreNotEqual<Optimizer>(Optimizer.Adam(), Optimizer.AdamW(weightDecay: 0));
    }
}
