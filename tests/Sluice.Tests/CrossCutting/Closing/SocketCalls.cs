using System.Net;
using Microsoft.Win32.SafeHandles;

namespace Sluice.Tests.CrossCutting.Closing;

/// <summary>Every member of a socket that needs it open.</summary>
internal static class SocketCalls
{
    public static IReadOnlyDictionary<string, Func<StreamSocket, Task>> Streams { get; } = new Dictionary<string, Func<StreamSocket, Task>>()
    {
        ["SendBufferSize"] = socket => Do(() => socket.Options.SendBufferSize),
        ["set SendBufferSize"] = socket => Do(() => socket.Options.SendBufferSize = 10_000),
        ["LingerSeconds"] = socket => Do(() => socket.Options.LingerSeconds),
        ["set LingerSeconds"] = socket => Do(() => socket.Options.LingerSeconds = null),
        ["GetRaw"] = socket => Do(() => socket.Options.GetRaw(1, 7, new byte[4])),
        ["SetRaw"] = socket => Do(() =>
        {
            socket.Options.SetRaw(1, 9, [0, 0, 0, 0]);
            return 0;
        }),
        ["ShutdownInput"] = socket => Do(() =>
        {
            socket.ShutdownInput();
            return 0;
        }),
        ["ShutdownOutputAsync"] = socket => socket.ShutdownOutputAsync().AsTask(),
        ["SendHandlesAsync"] = async socket =>
        {
            using var file = new SafeFileHandle(0, ownsHandle: false);
            await socket.SendHandlesAsync([file], new byte[1]);
        },
        ["ReceiveHandlesAsync"] = async socket =>
        {
            using ReceivedHandles received = await socket.ReceiveHandlesAsync(new byte[1]);
        },
        ["PeerCredentials"] = socket => Do(() => socket.PeerCredentials),
        ["GetTcpInfo"] = socket => Do(socket.GetTcpInfo),
        ["OpenReadChannel"] = socket => Try(socket.OpenReadChannel),
        ["OpenWriteChannel"] = socket => Try(() => socket.OpenWriteChannel()),
    };

    public static IReadOnlyDictionary<string, Func<ServerSocket, Task>> Servers { get; } = new Dictionary<string, Func<ServerSocket, Task>>()
    {
        ["AcceptAsync"] = async server => (await server.AcceptAsync()).Abort(),
        ["UseTls"] = server => Try(() => server.UseTls(TestCertificates.Server)),
        ["ServeAsync"] = server => Try(() => server.ServeAsync((_, _) => Task.CompletedTask)),
        ["HandOverAsync"] = async server =>
        {
            using var folder = new UnixFolder();
            await server.HandOverAsync(folder["door"]);
        },
    };

    public static IReadOnlyDictionary<string, Func<DatagramSocket, EndPoint, Task>> Datagrams { get; } = new Dictionary<string, Func<DatagramSocket, EndPoint, Task>>()
    {
        ["SendBufferSize"] = (socket, _) => Do(() => socket.Options.SendBufferSize),
        ["TimeToLive"] = (socket, _) => Do(() => socket.Options.TimeToLive),
        ["set TimeToLive"] = (socket, _) => Do(() => socket.Options.TimeToLive = 3),
        ["MulticastLoopback"] = (socket, _) => Do(() => socket.Options.MulticastLoopback),
        ["JoinGroup"] = (socket, _) => Do(() =>
        {
            socket.JoinGroup(IPAddress.Parse("239.1.2.3"), 1);
            socket.LeaveGroup(IPAddress.Parse("239.1.2.3"), 1);
            return 0;
        }),
        ["ReceiveAsync"] = async (socket, _) => (await socket.ReceiveAsync()).Dispose(),
        ["ReceiveAsync into"] = (socket, _) => socket.ReceiveAsync(new byte[10]).AsTask(),
        ["ReceiveBatchAsync"] = async (socket, _) =>
        {
            var batch = new Datagram[3];
            int count = await socket.ReceiveBatchAsync(batch);
            Array.ForEach(batch[..count], datagram => datagram.Dispose());
        },
        ["SendAsync"] = (socket, to) => socket.SendAsync(new byte[10], to).AsTask(),
        ["SendBatchAsync"] = (socket, to) => socket.SendBatchAsync(new OutgoingDatagram[] { new(new byte[10], to), new(new byte[10], to) }).AsTask(),
    };

    private static Task Do<T>(Func<T> get)
    {
        get();
        return Task.CompletedTask;
    }

    private static Task Try<T>(Func<T> get)
    {
        try
        {
            get();
        }
        catch (InvalidOperationException exception) when (exception is not ObjectDisposedException)
        {
            // It was done in an earlier try.
        }

        return Task.CompletedTask;
    }
}
