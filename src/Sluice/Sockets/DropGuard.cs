using Sluice.Diagnostics;
using Sluice.Engine;

namespace Sluice.Sockets;

/// <summary>
/// Closes a socket that its user dropped without disposing of it. The engine holds such a socket weakly, and the socket, which its channels and
/// its pending calls hold, holds this: so this is finalized once the user has nothing left that could still use the socket.
/// </summary>
/// <param name="context">Whose socket it is.</param>
/// <param name="transport">What the socket stands on.</param>
/// <param name="owner">The socket.</param>
/// <param name="openedAt">The stack at which it was opened; null if that was not asked for.</param>
internal sealed class DropGuard(EngineContext context, Transport transport, ITransportOwner owner, string? openedAt)
{
    ~DropGuard()
    {
        // Closing runs code of the user's: a logger, a meter's listener, a pool. None of it belongs on the thread of the finalizers.
        ThreadPool.UnsafeQueueUserWorkItem(static guard => guard.Close(), this, preferLocal: false);
    }

    /// <summary>The user has the socket from now on.</summary>
    public static DropGuard? Create(EngineContext context, Transport transport, ITransportOwner owner, string? openedAt)
    {
        if (context.KeepsDroppedSockets || !transport.HoldOwnerWeakly(owner))
        {
            return null;
        }

        return new DropGuard(context, transport, owner, openedAt);
    }

    /// <summary>The socket is closed.</summary>
#pragma warning disable CA1816 // The close of the socket is what disposes of this.
    public void Dismiss() => GC.SuppressFinalize(this);
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
                openedAt ?? $" unknown; {nameof(SelectorOptions)}.{nameof(SelectorOptions.CaptureOpenStackTraces)} tells");
        }
        catch (Exception exception)
        {
            // A listener of the meter that throws, or a socket that another thread closes just now.
            context.Engine.Logger.DisposalFailed(transport.KindName, endPoint: null, exception);
        }
        finally
        {
            owner.CloseDropped();
        }
    }
}
