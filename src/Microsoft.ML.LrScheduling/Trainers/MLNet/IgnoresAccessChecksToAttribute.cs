namespace System.Runtime.CompilerServices;

/// <summary>
/// Lets an assembly use what another one keeps internal. The runtime knows it by its name, and .NET has no public one.
/// </summary>
/// <param name="assemblyName">The other assembly.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    /// <summary>The other assembly.</summary>
    public string AssemblyName => assemblyName;
}
