using System.Runtime.InteropServices;

namespace Sluice.Cli;

/// <summary>Handles Ctrl-C and SIGTERM: the first signal begins a graceful stop, the second one ends the wait.</summary>
internal sealed class StopSignals : IDisposable
{
    private static volatile bool s_hasStopped;

    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _hurrying = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;

    public StopSignals()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
    }

    /// <summary>Gets a value indicating whether a signal has stopped this process.</summary>
    public static bool HasStopped => s_hasStopped;

    public CancellationToken Stopping => _stopping.Token;

    public CancellationToken Hurrying => _hurrying.Token;

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();

        // The sources are not disposed: a signal handler that is still running may cancel one.
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        s_hasStopped = true;
        (_stopping.IsCancellationRequested ? _hurrying : _stopping).Cancel();
    }
}
