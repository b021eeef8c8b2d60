using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace ClusterSweep;

/// <summary>Redis, two workers and a sweep on this machine, all on loopback; one of the workers is killed.</summary>
internal static class Everything
{
    /// <summary>Runs all, and says whether anything was lost.</summary>
    public static int Run()
    {
        var folder = Directory.CreateTempSubdirectory("lrscheduling-redis-");
        var port = Worker.FreePort().ToString(CultureInfo.InvariantCulture);
        var redis = $"127.0.0.1:{port}";
        List<Process> started = [];
        try
        {
            if (Start("redis-server", ["--port", port, "--bind", "127.0.0.1", "--appendonly", "yes", "--dir", folder.FullName]) is null)
            {
                Console.Error.WriteLine("There is no redis-server: on Debian apt-get install redis-server.");
                return 1;
            }

            string[] worker = [typeof(Everything).Assembly.Location, "worker", redis];
            var (first, _) = (Start("dotnet", worker)!, Start("dotnet", worker)!);
            AnsiConsole.MarkupLineInterpolated($"Redis on {redis}, two workers. One of them will be killed.");
            var study = Sweep.Run(redis, ended =>
            {
                if (ended >= 64 && !first.HasExited) first.Kill();
            });
            var isWhole = study.Trials.Count == 512 && study.Trials.All(trial => trial.Failure is null);
            AnsiConsole.MarkupLineInterpolated(first.HasExited && isWhole
                ? (FormattableString)$"[bold]A worker was killed in the midst of it. Each of the 512 trials is there, once.[/]"
                : $"[bold red]{study.Trials.Count} of 512 trials; {(first.HasExited ? "a worker was" : "no worker was")} killed.[/]");
            return isWhole ? 0 : 1;
        }
        finally
        {
            foreach (var process in started)
            {
                process.Kill();
                process.WaitForExit();
            }

            folder.Delete(recursive: true);
        }

        Process? Start(string program, string[] arguments)
        {
            try
            {
                var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true });
                if (process is not null) started.Add(process);
                process?.BeginOutputReadLine();
                return process;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                return null;
            }
        }
    }
}
