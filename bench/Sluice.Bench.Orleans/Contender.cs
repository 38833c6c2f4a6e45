using System.Diagnostics;
using System.Globalization;

namespace Sluice.Bench.Orleans;

/// <summary>A cluster in a process of its own.</summary>
internal sealed class Contender : IDisposable
{
    /// <summary>What the process gets before the cluster's name and its address.</summary>
    public const string ServeOption = "--serve";

    private readonly Process _process;

    private Contender(Process process) => _process = process;

    public static async Task<Contender> StartAsync(string name, string address)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(Contender).Assembly.Location);
        }

        start.ArgumentList.Add(ServeOption);
        start.ArgumentList.Add(name);
        start.ArgumentList.Add(address);
        var contender = new Contender(Process.Start(start)!);
        if (await contender._process.StandardOutput.ReadLineAsync() != Server.Ready)
        {
            contender.Dispose();
            throw new InvalidOperationException($"The cluster {name} has not started.");
        }

        return contender;
    }

    /// <summary>Makes <paramref name="calls"/> calls from each caller of the row.</summary>
    public async Task<Measurement> MeasureAsync(Row row, int calls)
    {
        await _process.StandardInput.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{row.Name} {calls}"));
        await _process.StandardInput.FlushAsync();
        string[] answer = (await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The cluster has ended.")).Split(' ');
        return new Measurement(double.Parse(answer[0], CultureInfo.InvariantCulture), double.Parse(answer[1], CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        // The cluster stops at the end of its input.
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(20)))
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
