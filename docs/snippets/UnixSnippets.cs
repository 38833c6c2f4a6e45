using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Sluice.Snippets;

internal static class UnixSnippets
{
    public static async Task UnixAsync(SelectorManager selector, Func<Connection, CancellationToken, Task> handler, CancellationToken token)
    {
        // <unix>
        await using ServerSocket server = await selector.Unix().BindAsync("/run/app/app.sock", options =>
            options.FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite, token);
        Task serving = server.ServeAsync(handler, cancellationToken: token);

        await using StreamSocket client = await selector.Unix().ConnectAsync("/run/app/app.sock", cancellationToken: token);
        await using StreamSocket other = await selector.Unix().ConnectAsync("\0app-control", cancellationToken: token);     // abstract: Linux
        (StreamSocket first, StreamSocket second) = await selector.Unix().CreatePairAsync(token);
        // </unix>
        await serving;
        first.Abort();
        second.Abort();
    }

    public static void Credentials(StreamSocket socket)
    {
        // <unix-credentials>
        PeerCredentials peer = socket.PeerCredentials;
        Console.WriteLine($"process {peer.ProcessId} of user {peer.UserId}");
        // </unix-credentials>
    }

    public static async Task HandlesAsync(StreamSocket socket, StreamSocket peer, CancellationToken token)
    {
        // <unix-handles>
        using SafeFileHandle file = File.OpenHandle("report.pdf");
        await socket.SendHandlesAsync([file], "report"u8.ToArray(), token);

        byte[] buffer = new byte[64];
        using ReceivedHandles received = await peer.ReceiveHandlesAsync(buffer, token);     // disposing it closes the handles that were not taken
        using SafeFileHandle report = received.TakeFile(0);
        // </unix-handles>
    }

    public static async Task DatagramsAsync(SelectorManager selector, ReadOnlyMemory<byte> line, CancellationToken token)
    {
        // <unix-datagrams>
        await using DatagramSocket log = await selector.Unix().BindDatagramAsync("/run/app/log.sock", cancellationToken: token);
        await using DatagramSocket sender = await selector.Unix().ConnectDatagramAsync("/run/app/log.sock", cancellationToken: token);
        await sender.SendAsync(line, token);                                                // waits while the receiver's buffer is full
        using Datagram datagram = await log.ReceiveAsync(token);

        (DatagramSocket first, DatagramSocket second) = selector.Unix().CreateDatagramPair();
        // </unix-datagrams>
        await first.DisposeAsync();
        await second.DisposeAsync();
    }

    public static async Task AdoptAsync(SelectorManager selector, Socket socket, Socket bound, nint descriptor)
    {
        // <adopt>
        await using StreamSocket connection = selector.AdoptStream(socket);
        await using ServerSocket server = selector.AdoptListener(new SafeSocketHandle(descriptor, ownsHandle: true));
        await using DatagramSocket datagrams = selector.AdoptDatagram(bound);
        // </adopt>
    }

    public static async Task ActivateAsync(SelectorManager selector, Func<Connection, CancellationToken, Task> handler, CancellationToken token)
    {
        // <activate>
        ILookup<string, ServerSocket> listeners = selector.AdoptActivatedListeners();
        ServerSocket http = listeners["http"].SingleOrDefault() ?? await selector.Tcp().BindAsync("127.0.0.1", 8080, cancellationToken: token);
        // </activate>
        await http.ServeAsync(handler, cancellationToken: token);
    }

    public static async Task HandOverAsync(SelectorManager selector, Func<Connection, CancellationToken, Task> handler, CancellationToken token)
    {
        // <hand-over>
        ServerSocket server = await selector.TryTakeOverAsync("/run/app/successor.sock", cancellationToken: token)
            ?? await selector.Tcp().BindAsync("0.0.0.0", 8080, cancellationToken: token);
        Task serving = server.ServeAsync(handler, new ServeOptions { Grace = TimeSpan.FromMinutes(1) }, token);
        await server.HandOverAsync("/run/app/successor.sock", token);       // until a successor has taken over
        await serving;                                                      // until the connections accepted here have ended
        // </hand-over>
    }
}
