using System.Diagnostics;
using System.Text.Json;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>
/// A library of Python in a process of its own, which does what lines of JSON ask for and answers each with a line of JSON.
/// </summary>
internal sealed class PythonPeer : IDisposable
{
    private readonly Process? _process;

    /// <param name="script">A script in Peers.</param>
    public PythonPeer(string script)
    {
        // Where Debian's packages are; else the one that a user has.
        foreach (var program in new[] { "/usr/bin/python3", "python3", "python" })
        {
            try
            {
                _process = Process.Start(new ProcessStartInfo(program, [Path.Combine(AppContext.BaseDirectory, "Peers", script)])
                {
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                })!;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                continue;
            }

            var errors = _process.StandardError.ReadToEndAsync();
            if (_process.StandardOutput.ReadLine() is { } version)
            {
                Name = version;
                return;
            }

            var lines = errors.GetAwaiter().GetResult().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            _process.Dispose();
            _process = null;
            if (Missing is null && lines.Length > 0) Missing = $"{program} says: {lines[^1]}";
        }

        Missing ??= "there is no Python";
    }

    /// <summary>The library and its version.</summary>
    public string Name { get; } = "";

    /// <summary>Why it cannot be asked; null where it can.</summary>
    public string? Missing { get; }

    /// <summary>Whether it can be asked.</summary>
    public bool IsThere => _process is not null;

    /// <summary>Asks for something to be done.</summary>
    /// <exception cref="InvalidOperationException">The process ended.</exception>
    public JsonElement Ask(object request)
    {
        _process!.StandardInput.WriteLine(JsonSerializer.Serialize(request));
        _process.StandardInput.Flush();
        var answer = _process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException($"{Name} ended, asked for {JsonSerializer.Serialize(request)}.");
        return JsonDocument.Parse(answer).RootElement;
    }

    /// <summary>Asks for training.</summary>
    /// <returns>The rows a second.</returns>
    public double RowsPerSecond(object request) => Ask(request).GetProperty("rows_per_second").GetDouble();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_process is null) return;
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
