namespace Sluice.Snippets;

public static class OptionsSnippets
{
    public static async Task OptionsAsync(SelectorManager selector, string host, int port, CancellationToken token)
    {
        // <options-before>
        await using StreamSocket socket = await selector.Tcp().ConnectAsync(host, port, options =>
        {
            options.NoDelay = true;                                     // the default
            options.KeepAlive = true;
            options.KeepAliveTime = TimeSpan.FromMinutes(1);            // then KeepAliveCount probes, one per KeepAliveInterval
            options.UserTimeout = TimeSpan.FromSeconds(30);             // fail if sent data stays unacknowledged this long
            options.CongestionControl = "bbr";
            options.SocketTimeout = TimeSpan.FromMinutes(2);            // fail if no data moves for this long
        }, token);

        await using ServerSocket server = await selector.Tcp().BindAsync("::", 7000, options =>
        {
            options.Backlog = 1024;
            options.IPv6Only = true;
            options.FastOpenQueue = 256;
            options.DeferAccept = TimeSpan.FromSeconds(5);              // accept a client once it has sent data
            options.Accepted.KeepAlive = true;                          // applies to accepted connections
        }, token);
        // </options-before>

        // <options-live>
        socket.Options.QuickAck = true;
        socket.Options.SendBufferSize = 1 << 20;
        int granted = socket.Options.SendBufferSize;                    // the system may grant less

        byte[] value = new byte[4];
        socket.Options.GetRaw(level: 6, name: 2, value);                // TCP_MAXSEG, by its numeric value on Linux
        // </options-live>
        Console.WriteLine(granted);

        // <tcp-info>
        TcpInfo info = socket.GetTcpInfo();
        Console.WriteLine($"{info.RoundTripTime}, {info.CongestionWindow} segments, {info.TotalRetransmits} sent again");
        // </tcp-info>

        // <half-close>
        await socket.ShutdownOutputAsync(token);                        // sends FIN: the peer's reads end, ours continue
        socket.ShutdownInput();                                         // our reads end, our writes continue
        socket.Abort();                                                 // sends RST: ends both at once
        // </half-close>
    }
}
