using System.Net;

namespace Sluice.Tests.Proxying;

/// <summary>haproxy, passing on connections from one place to another.</summary>
internal sealed class Haproxy : IAsyncDisposable
{
    private readonly RealPeer _peer;
    private readonly TemporaryFolder _folder;

    private Haproxy(RealPeer peer, TemporaryFolder folder)
    {
        _peer = peer;
        _folder = folder;
    }

    /// <summary>Starts it, and waits until it listens.</summary>
    /// <param name="front">Where it listens.</param>
    /// <param name="bind">Options of that.</param>
    /// <param name="back">What it connects to.</param>
    /// <param name="server">Options of that.</param>
    public static async Task<Haproxy> StartAsync(IPEndPoint front, string bind, IPEndPoint back, string server)
    {
        RealPeer.Find("haproxy");
        var folder = new TemporaryFolder();
        string file = folder.Write("haproxy.cfg", $"""
            global
                maxconn 100
            defaults
                mode tcp
                timeout connect 30s
                timeout client 30s
                timeout server 30s
            listen test
                bind {front} {bind}
                unique-id-format %[uuid()]
                server back {back} {server}

            """);
        var haproxy = new Haproxy(RealPeer.Start("haproxy", "-db", "-f", file), folder);
        await FreeAddress.ListenedAtAsync(front);
        return haproxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _peer.DisposeAsync();
        _folder.Dispose();
    }
}
