using System.Diagnostics;
using Sluice.Bench.Contenders;

namespace Sluice.Bench.Running;

/// <summary>A contender in a process of its own.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;

    private ServerProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        AppDomain.CurrentDomain.ProcessExit += End;
    }

    public int Port { get; private set; }

    public int ProcessId => _process.Id;

    /// <summary>Processor time it has used so far.</summary>
    public TimeSpan ProcessorTime => _process.TotalProcessorTime;

    /// <summary>Bytes of memory it has resident.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts it.</summary>
    /// <exception cref="UnmeasurableException">It cannot be run here.</exception>
    public static ServerProcess Start(Contender contender, ServerMode mode, Pinning pinning)
    {
        ProcessStartInfo start = pinning.StartInfo(contender.Command(mode), Pinning.ServerProcessor);
        foreach ((string name, string value) in contender.Variables)
        {
            start.Environment[name] = value;
        }

        var server = new ServerProcess(start);
        return server.IsListening(out string line) ? server : throw server.Failed(line);
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= End;
        End(_process);
        _process.Dispose();
    }

    private bool IsListening(out string line)
    {
        line = _process.StandardOutput.ReadLine() ?? string.Empty;
        bool hasPort = int.TryParse(line.AsSpan(line.LastIndexOf(':') + 1), out int port);
        Port = port;

        // Nobody reads what else it prints, but its writing must not stall.
        _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        return hasPort;
    }

    private UnmeasurableException Failed(string line)
    {
        Dispose();
        return new UnmeasurableException($"did not start: '{line}'");
    }

    // Who interrupts the benchmark wants its servers gone as well.
    private void End(object? sender, EventArgs e) => End(_process);

    private static void End(Process process)
    {
        process.Kill();
        process.WaitForExit();
    }
}
