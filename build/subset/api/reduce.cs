// Prints the lines of a full API listing that are about the types an assembly declares.
//   dotnet run build/subset/api/reduce.cs -- LISTING ASSEMBLY.dll > build/subset/api/LISTING
#:property PublishAot=false
using System.Reflection;

var lines = File.ReadAllLines(args[0]);
var path = Path.GetFullPath(args[1]);
AppDomain.CurrentDomain.AssemblyResolve += (_, missing) =>
{
    var file = Path.Combine(Path.GetDirectoryName(path)!, new AssemblyName(missing.Name).Name + ".dll");
    return File.Exists(file) ? Assembly.LoadFrom(file) : null;
};
var declared = Assembly.LoadFrom(path).GetExportedTypes().Select(Name).ToHashSet(StringComparer.Ordinal);

string[] kinds = ["enum", "delegate", "interface", "struct", "static class", "abstract class", "sealed class", "class"];
var listed = lines.Select(line => line.Split(" : ")).Where(parts => parts.Length == 2 && kinds.Contains(parts[1])).Select(parts => parts[0])
    .ToHashSet(StringComparer.Ordinal);

foreach (var line in lines.Where(line => declared.Contains(Owner(line)))) Console.WriteLine(line);

// The longest listed name that the line begins with: a nested type's lines begin with its outer type's name too.
string Owner(string line)
{
    for (var end = line.Length; end > 0; end--)
        if ((end == line.Length || line[end] is ' ' or '.' or '(') && listed.Contains(line[..end]))
            return line[..end];
    return "";
}

static string Name(Type type)
{
    var outer = type.DeclaringType?.GetGenericArguments().Length ?? 0;
    var arguments = type.GetGenericArguments().Skip(outer).Select(argument => argument.Name).ToArray();
    var simple = type.Name.Split('`')[0] + (arguments.Length > 0 ? $"<{string.Join(", ", arguments)}>" : "");
    return type.DeclaringType is { } declaring ? $"{Name(declaring)}.{simple}" : $"{type.Namespace}.{simple}";
}
