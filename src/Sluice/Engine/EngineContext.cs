using System.Buffers;
using System.Diagnostics;
using System.Net;
using Sluice.Diagnostics;
using Sluice.Scheduling;

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

    /// <summary>Counts a connection that is refused. If a listener of the meter throws, this logs it: the caller still has the connection to close.</summary>
    public void CountRejection(string errorType, EndPoint? remoteEndPoint)
    {
        var steps = new DisposalSteps();
        steps.Run((Metrics, errorType), static rejection => rejection.Metrics.Reject(rejection.errorType));
        steps.LogFailure(Engine.Logger, "refused connection", remoteEndPoint);
    }

    /// <summary>Captures the stack at which a socket is being opened, if <see cref="CapturesOpenStackTraces"/>; else null.</summary>
    public string? CaptureOpenStack() => CapturesOpenStackTraces ? Environment.NewLine + new StackTrace(1, fNeedFileInfo: true) : null;
}
