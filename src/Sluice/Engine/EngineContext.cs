using System.Buffers;
using System.Diagnostics;
using Sluice.Diagnostics;

namespace Sluice.Engine;

/// <summary>The parts of a manager that its sockets use.</summary>
internal sealed class EngineContext(SocketEngine engine, SluiceMetrics metrics, MemoryPool<byte>? bufferPool)
{
    public SocketEngine Engine { get; } = engine;

    public SluiceMetrics Metrics { get; } = metrics;

    public MemoryPool<byte>? BufferPool { get; } = bufferPool;

    /// <summary>See <see cref="SelectorOptions.KeepsDroppedSockets"/>.</summary>
    public bool KeepsDroppedSockets { get; init; }

    /// <summary>See <see cref="SelectorOptions.CaptureOpenStackTraces"/>.</summary>
    public bool CapturesOpenStackTraces { get; init; }

    /// <summary>Counts a connection that is refused. What a listener of the meter throws is logged: the caller still has the connection to close.</summary>
    public void CountRejection(string errorType) => Measure(errorType, static (metrics, type) => metrics.Reject(type));

    /// <summary>Counts a connect that has failed. What a listener of the meter throws is logged: the caller has the failure to throw.</summary>
    public void CountFailure(Exception failure) => Measure(failure, static (metrics, exception) => metrics.Fail(exception));

    private void Measure<T>(T value, Action<SluiceMetrics, T> measure)
    {
        try
        {
            measure(Metrics, value);
        }
        catch (Exception exception)
        {
            Engine.Logger.ObserverFailed(exception);
        }
    }

    /// <summary>Captures the stack at which a socket is being opened, if <see cref="CapturesOpenStackTraces"/>; else null.</summary>
    public string? CaptureOpenStack() => CapturesOpenStackTraces ? Environment.NewLine + new StackTrace(1, fNeedFileInfo: true) : null;
}
