using System.Diagnostics;
using Sluice.Bench.Contenders;

namespace Sluice.Bench.Running;

/// <summary>A connection that sends messages which make its handler sleep, until it is disposed.</summary>
internal sealed class SlowNeighbour : IDisposable
{
    private const int ADay = 24 * 60 * 60;

    private readonly Process _process;

    /// <summary>Connects.</summary>
    /// <exception cref="UnmeasurableException">Connecting failed.</exception>
    public SlowNeighbour(int port, Pinning pinning)
    {
        string[] command = Commands.Sluice("bench", $"127.0.0.1:{port}", "--connections", "1", "--size", $"{Work.SleepSize}", "--duration", $"{ADay}");
        _process = Process.Start(pinning.StartInfo(command, Pinning.LoadProcessor))!;
        AppDomain.CurrentDomain.ProcessExit += End;

        // The first line of output means that it is connected.
        if (_process.StandardOutput.ReadLine() is null)
        {
            Dispose();
            throw new UnmeasurableException("the slow connection was refused");
        }

        _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= End;
        End(null, EventArgs.Empty);
        _process.Dispose();
    }

    private void End(object? sender, EventArgs e)
    {
        _process.Kill();
        _process.WaitForExit();
    }
}
