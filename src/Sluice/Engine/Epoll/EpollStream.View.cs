using System.Net.Sockets;

namespace Sluice.Engine.Epoll;

internal sealed partial class EpollStream
{
    public override bool CanWatchPeer => true;

    public override Socket OpenSocketView()
    {
        int fd = _handle.Enter();
        try
        {
            return new Socket(new SafeSocketHandle(fd, ownsHandle: false));
        }
        finally
        {
            _handle.Exit();
        }
    }
}
