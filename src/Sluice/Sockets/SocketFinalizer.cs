using Sluice.Diagnostics;
using Sluice.Engine;

namespace Sluice.Sockets;

/// <summary>
/// Closes a socket that its user dropped without a disposal. The engine refers to the socket weakly; the channels and the pending calls refer to the
/// socket, and the socket to this. So this is finalized once nothing is left that could still use the socket.
/// </summary>
/// <param name="context">The context that the socket was opened in.</param>
/// <param name="transport">The transport of the socket.</param>
/// <param name="owner">The socket.</param>
/// <param name="openedAt">The stack trace of the call that opened the socket; null if none was captured.</param>
internal sealed class SocketFinalizer(EngineContext context, Transport transport, ITransportOwner owner, string? openedAt)
{
    ~SocketFinalizer()
    {
        // The close runs user code (a logger, a listener of the meter, a buffer pool), which must not run on the finalizer thread.
        ThreadPool.UnsafeQueueUserWorkItem(static finalizer => finalizer.Close(), this, preferLocal: false);
    }

    /// <summary>Creates the finalizer of a socket that its user is about to get; null if dropped sockets stay open, or the engine is closed.</summary>
    public static SocketFinalizer? Create(EngineContext context, Transport transport, ITransportOwner owner, string? openedAt)
    {
        if (context.KeepsDroppedSockets || !transport.HoldOwnerWeakly(owner))
        {
            return null;
        }

        return new SocketFinalizer(context, transport, owner, openedAt);
    }

    /// <summary>Suppresses the finalization, because the socket is closed.</summary>
#pragma warning disable CA1816 // The close of the socket replaces a disposal of this.
    public void Suppress() => GC.SuppressFinalize(this);
#pragma warning restore CA1816

    private void Close()
    {
        if (owner.IsClosed)
        {
            return;
        }

        try
        {
            context.Metrics.Drop(transport.KindName);
            context.Engine.Logger.SocketDropped(
                transport.KindName,
                transport.Peer ?? transport.LocalEndPoint,
                openedAt ?? $" unknown; set {nameof(SelectorOptions)}.{nameof(SelectorOptions.CaptureOpenStackTraces)} to log it");
        }
        catch (Exception exception)
        {
            // A listener of the meter threw, or another thread is closing the socket.
            context.Engine.Logger.DisposalFailed(transport.KindName, endPoint: null, exception);
        }
        finally
        {
            owner.CloseDropped();
        }
    }
}
