using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Sluice.Engine.Interop;
using Sluice.Options;

namespace Sluice.Engine.Epoll;

internal sealed partial class EpollStream
{
    private const byte NoView = 0;
    private const byte HasView = 1;
    private const byte ViewsEnded = 2;

    // Few connections have a view, and every one would pay for a field.
    private static readonly ConditionalWeakTable<EpollStream, Socket> s_views = [];

    // A socket that is connected to nothing: the descriptor of a view stands for it once the connection is closed. Made before the first view,
    // because no descriptor may be left later.
    private static readonly Lazy<SocketHandle> s_nothing = new(
        () => SocketHandle.Create(AddressFamily.InterNetwork, LinuxConstants.SockStream), LazyThreadSafetyMode.PublicationOnly);

    private byte _viewState;

    public override bool CanWatchPeer => true;

    /// <remarks>
    /// The view has a descriptor of its own, which it counts references to and closes: a call that is under way when the connection is closed
    /// cannot reach a socket that gets the number of ours next. It is closed with the connection, so that the peer is told at once.
    /// </remarks>
    public override Socket OpenSocketView()
    {
        lock (s_views)
        {
            TypeNames.ThrowIfDisposed(Volatile.Read(ref _viewState) == ViewsEnded, TypeNames.StreamSocket);
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
        throw new ObjectDisposedException(TypeNames.StreamSocket);
    }

    private Socket CreateView()
    {
        _ = s_nothing.Value;
        using SocketHandle own = HandleTransfer.Duplicate(_handle);
        var handle = new SafeSocketHandle(own.Take(), ownsHandle: true);
        try
        {
            return new Socket(handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
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

        // Not by closing alone: where a call is under way the framework disconnects the socket to end it (dotnet/runtime,
        // SafeSocketHandle.CloseAsIs), which the peer of a proper close would see as a reset.
        try
        {
            HandleTransfer.Replace(view.SafeHandle, s_nothing.Value);
        }
        catch (ObjectDisposedException)
        {
            // Its holder has closed the view.
        }

        view.Dispose();
    }
}
