namespace LrScheduling.Build;

/// <summary>A reason to stop that the user is to read; not a defect.</summary>
public sealed class BuildException(string message) : Exception(message);
