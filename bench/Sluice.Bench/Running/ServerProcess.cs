using System.Diagnostics;
using Sluice.Bench.Contenders;
using Sluice.Faults.Kit;

namespace Sluice.Bench.Running;

/// <summary>Runs a contender in a process of its own.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;
    private readonly ControlGroup? _group;

    private ServerProcess(ProcessStartInfo start, ControlGroup? group)
    {
        _group = group;
        _process = Process.Start(start)!;
        AppDomain.CurrentDomain.ProcessExit += End;
    }

    public int Port { get; private set; }

    public int ProcessId => _process.Id;

    /// <summary>The processor time it has used so far.</summary>
    public TimeSpan ProcessorTime => _process.TotalProcessorTime;

    /// <summary>Its resident memory in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts the process.</summary>
    /// <exception cref="UnmeasurableException">It cannot run on this machine.</exception>
    public static ServerProcess Start(Contender contender, ServerMode mode, Settings settings)
    {
        IReadOnlyList<string> command = settings.Quota.Limit(contender.Command(mode), out ControlGroup? group);
        ProcessStartInfo start = settings.Pinning.StartInfo(command, Pinning.ServerProcessor);
        foreach ((string name, string value) in contender.Variables)
        {
            start.Environment[name] = value;
        }

        if (mode == ServerMode.Compute)
        {
            start.Environment[Computation.StepsVariable] = $"{Computation.StepsOf(Work.Computing)}";
        }

        var server = new ServerProcess(start, group);
        return server.IsListening(out string line) ? server : throw server.Failed(line);
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= End;
        End();
        _process.Dispose();
    }

    private bool IsListening(out string line)
    {
        line = _process.StandardOutput.ReadLine() ?? string.Empty;
        bool hasPort = int.TryParse(line.AsSpan(line.LastIndexOf(':') + 1), out int port);
        Port = port;

        // The rest of its output is discarded, so that writing it never blocks.
        _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        return hasPort;
    }

    private UnmeasurableException Failed(string line)
    {
        Dispose();
        return new UnmeasurableException($"did not start: '{line}'");
    }

    // An interrupted benchmark must stop its servers.
    private void End(object? sender, EventArgs e) => End();

    private void End()
    {
        _process.Kill();
        _process.WaitForExit();
        _group?.Dispose();
    }
}
