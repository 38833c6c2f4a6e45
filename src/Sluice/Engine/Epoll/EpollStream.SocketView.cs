using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Epoll;

internal sealed partial class EpollStream
{
    private const byte NoView = 0;
    private const byte HasView = 1;
    private const byte ViewsEnded = 2;

    // A table and no field, because few connections have a view. Under a lock on it.
    private static readonly ConditionalWeakTable<EpollStream, Socket> s_views = [];

    // A socket without a connection, to which the descriptor of a view refers once the connection is closed. Created before the first view, because
    // no descriptor may be free later.
    private static readonly Lazy<SocketHandle> s_unconnected = new(
        () => SocketHandle.Create(AddressFamily.InterNetwork, LinuxConstants.SockStream), LazyThreadSafetyMode.PublicationOnly);

    // Interlocked.
    private byte _viewState;

    public override bool CanWatchPeer => true;

    /// <remarks>
    /// The view owns a duplicate of the descriptor: a call that is in progress when the connection is closed cannot reach a later socket with the
    /// number of the original. The view is closed with the connection, so that the kernel sends the FIN at once.
    /// </remarks>
    public override Socket OpenSocketView()
    {
        lock (s_views)
        {
            if (Volatile.Read(ref _viewState) == ViewsEnded)
            {
                throw Closed();
            }

            if (s_views.TryGetValue(this, out Socket? view))
            {
                return view;
            }

            view = CreateView();
            s_views.Add(this, view);
            if (Interlocked.CompareExchange(ref _viewState, HasView, NoView) == NoView)
            {
                return view;
            }
        }

        // Closed in between.
        DisposeView();
        throw Closed();
    }

    private Socket CreateView()
    {
        _ = s_unconnected.Value;
        return HandleTransfer.DuplicateAsSocket(_handle);
    }

    private void CloseSocketView()
    {
        if (Interlocked.Exchange(ref _viewState, ViewsEnded) == HasView)
        {
            DisposeView();
        }
    }

    private void DisposeView()
    {
        Socket? view;
        lock (s_views)
        {
            if (s_views.TryGetValue(this, out view))
            {
                s_views.Remove(this);
            }
        }

        if (view is null)
        {
            return;
        }

        // Replaced before it is closed: where a call is in progress, the framework disconnects the socket to end the call (dotnet/runtime,
        // SafeSocketHandle.CloseAsIs), and the peer of an orderly close would see a reset.
        try
        {
            HandleTransfer.Replace(view.SafeHandle, s_unconnected.Value);
        }
        catch (ObjectDisposedException)
        {
            // The caller has closed the view.
        }

        view.Dispose();
    }
}
