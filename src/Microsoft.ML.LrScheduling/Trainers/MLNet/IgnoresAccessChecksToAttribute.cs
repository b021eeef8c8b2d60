namespace System.Runtime.CompilerServices;

/// <summary>
/// Lets an assembly use the internal members of another one. The runtime recognizes the attribute by its name, but .NET does not define it.
/// </summary>
/// <param name="assemblyName">The name of the other assembly.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    /// <summary>The name of the other assembly.</summary>
    public string AssemblyName => assemblyName;
}
