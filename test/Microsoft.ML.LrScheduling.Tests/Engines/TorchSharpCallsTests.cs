using Microsoft.ML.LrScheduling.Schedules;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Microsoft.ML.LrScheduling.Tests.Engines;

/// <summary>
/// TorchSharp 0.107 makes a Scalar of a bare number, which the garbage collector may free while native code reads it. These tests read
/// the IL of the product and of TorchSharp: none of our calls may come to where such a temporary is made.
/// </summary>
[TestClass]
public sealed class TorchSharpCallsTests
{
    private const string Conversion = "op_Implicit";
    private const string Factory = "ToScalar";

    private static readonly ModuleDefinition Product = ModuleDefinition.ReadModule(typeof(LrSchedule).Assembly.Location);
    private static readonly ModuleDefinition TorchSharp = ModuleDefinition.ReadModule(typeof(global::TorchSharp.torch).Assembly.Location);

    [TestMethod]
    public void No_call_of_ours_makes_a_temporary_Scalar()
    {
        var calls = Product.GetTypes().SelectMany(type => type.Methods)
            .SelectMany(method => CallsOf(method).Where(IsOfTorchSharp).Select(call => (Caller: method, Call: call))).ToArray();
        // The one place that makes Scalars holds them.
        var (made, others) = (calls.Where(c => c.Call.Name == Factory).ToArray(), calls.Where(c => c.Call.Name != Factory).ToArray());

        Assert.IsGreaterThan(20, others.Length, "the calls are not found");
        CollectionAssert.AreEqual(new[] { "HeldScalar" }, made.Select(c => c.Caller.DeclaringType.Name).Distinct().ToArray());
        var wrong = others.Select(c => (c.Caller, Path: PathToTemporary(c.Call))).Where(c => c.Path is not null)
            .Select(c => $"{c.Caller.DeclaringType.Name}.{c.Caller.Name}: {c.Path}").ToArray();
        Assert.IsEmpty(wrong, string.Join("\n", wrong));
    }

    [TestMethod]
    [DataRow("TorchSharp.torch/Tensor", "add_", "TorchSharp.torch/Tensor")]
    [DataRow("TorchSharp.Modules.SGD", "step", "System.Func`1<TorchSharp.torch/Tensor>")]
    public void A_call_that_makes_one_is_found(string type, string name, string parameter)
    {
        var method = TorchSharp.GetType(type).Methods.Single(
            m => m.Name == name && m.Parameters.Count == 1 && m.Parameters[0].ParameterType.FullName == parameter);
        Assert.IsNotNull(PathToTemporary(method));
    }

    [TestMethod]
    [DataRow("copy_")]
    [DataRow("sqrt_")]
    [DataRow("addmv_")]
    public void A_call_that_makes_none_is_let_through(string name) =>
        Assert.IsTrue(
            TorchSharp.GetType("TorchSharp.torch/Tensor").Methods.Where(m => m.Name == name).All(m => PathToTemporary(m) is null));

    /// <summary>How a method of TorchSharp comes to make a Scalar, over the methods that it calls; null where it does not.</summary>
    private static string? PathToTemporary(MethodReference called)
    {
        var waiting = new Queue<(MethodReference Method, string Path)>([(called, called.Name)]);
        var seen = new HashSet<string>();
        while (waiting.TryDequeue(out var next))
        {
            if (!seen.Add(next.Method.FullName)) continue;
            if (next.Method.Name is Conversion or Factory && next.Method.ReturnType.Name == "Scalar") return next.Path;
            // A lambda's body is met where it is made, a method of an iterator or an async method where its type is made.
            if (next.Method.Resolve() is { } method)
                foreach (var call in CallsOf(method).Where(IsOfTorchSharp))
                    waiting.Enqueue((call, $"{next.Path} → {call.DeclaringType.Name}.{call.Name}"));
        }

        return null;
    }

    private static IEnumerable<MethodReference> CallsOf(MethodDefinition method) =>
        method.HasBody
            ? method.Body.Instructions.Where(i => i.OpCode.FlowControl == FlowControl.Call || i.OpCode == OpCodes.Ldftn)
            .Select(i => i.Operand).OfType<MethodReference>() : [];

    private static bool IsOfTorchSharp(MethodReference method)
    {
        var scope = method.DeclaringType.GetElementType().Scope;
        return scope.Name is "TorchSharp" or "TorchSharp.dll";
    }
}
