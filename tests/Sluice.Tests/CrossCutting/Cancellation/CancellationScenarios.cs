using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Sluice.Engine.Interop;

namespace Sluice.Tests.CrossCutting.Cancellation;

/// <summary>For every public method that takes a token, what makes it wait.</summary>
internal sealed class CancellationScenarios(SelectorManager selector) : IAsyncDisposable
{
    private readonly List<Func<ValueTask>> _cleanup = [];

    public async ValueTask DisposeAsync()
    {
        _cleanup.Reverse();
        foreach (Func<ValueTask> cleanup in _cleanup)
        {
            await cleanup();
        }
    }

    public async Task<Scenario> FindAsync(MethodInfo method)
    {
        Type type = method.DeclaringType!;
        if (type.IsInterface)
        {
            return new(null!, Reason: "The application implements it.");
        }

        if (type == typeof(ByteReadChannel))
        {
            (Connection idle, _) = await TcpPairAsync();
            return By(method, idle.Input);
        }

        if (type == typeof(ByteWriteChannel))
        {
            return await WritingAsync(method);
        }

        return await (type.Name switch
        {
            nameof(Connection) => OfConnectionAsync(method),
            nameof(Outbox) => OfOutboxAsync(method),
            nameof(StreamSocket) => OfStreamSocketAsync(method),
            nameof(DatagramSocket) => OfDatagramSocketAsync(method),
            nameof(SelectorManager) => OfManagerAsync(method),
            nameof(ServerSocket) or nameof(ServerSocketExtensions) => OfServerAsync(method),
            nameof(UnixSocketBuilder) => OfUnixAsync(method),
            nameof(TcpSocketBuilder) => Task.FromResult(method.Name == nameof(TcpSocketBuilder.ConnectTlsAsync)
                ? By(method, selector.Tcp(), Silent())
                : By(method, selector.Tcp())),
            nameof(UdpSocketBuilder) => Task.FromResult(By(method, selector.Udp())),
            nameof(ProxyConnector) => Task.FromResult(By(method, selector.Tcp().ViaSocks5(Silent()))),
            _ => throw new AssertionException($"There is no scenario in which {TokenMethods.NameOf(method)} waits: add one, or say why there is none."),
        });
    }

    private async Task<Scenario> WritingAsync(MethodInfo method)
    {
        (StreamSocket first, _) = await UnixPairAsync();
        Connection full = first.OpenConnection();
        await FullSocket.FillAsync(first, full.Output);
        return method.GetParameters()[0].ParameterType.IsByRef
            ? new(token => method.Name == nameof(ByteWriteChannel.WriteAsync)
                ? full.Output.WriteAsync($"{1}", token).AsTask()
                : full.Output.WriteLineAsync($"{1}", token).AsTask())
            : By(method, full.Output);
    }

    private async Task<Scenario> OfConnectionAsync(MethodInfo method)
    {
        switch (method.Name)
        {
            case nameof(Connection.CloseAsync):
                (StreamSocket first, _) = await UnixPairAsync();
                Connection full = first.OpenConnection();
                await FullSocket.FillAsync(first, full.Output);
                return By(method, full);
            case nameof(Connection.JoinAsync):
                (Connection one, _) = await TcpPairAsync();
                (Connection other, _) = await TcpPairAsync();
                return new(token => one.JoinAsync(other, token).AsTask());
            default:
                (Connection connection, _) = await TcpPairAsync();
                return By(method, connection);
        }
    }

    private async Task<Scenario> OfOutboxAsync(MethodInfo method)
    {
        (StreamSocket first, _) = await UnixPairAsync();
        Connection full = first.OpenConnection();
        full.OutboxOptions = new OutboxOptions { Capacity = 100 };

        // No message overtakes a write that waits.
        Flood flood = await Flood.UntilStalledAsync(full.Output);
        _cleanup.Add(async () => await flood.CancelAsync());
        while (full.Outbox.Post("."u8))
        {
        }

        return method.GetParameters()[0].ParameterType.IsByRef
            ? new(token => method.Name == nameof(Outbox.PostAsync)
                ? full.Outbox.PostAsync($"{1}", token).AsTask()
                : full.Outbox.PostLineAsync($"{1}", token).AsTask())
            : By(method, full.Outbox);
    }

    private async Task<Scenario> OfStreamSocketAsync(MethodInfo method)
    {
        (StreamSocket first, _) = await UnixPairAsync();
        if (method.Name == nameof(StreamSocket.ReceiveHandlesAsync))
        {
            return By(method, first);
        }

        ByteWriteChannel output = first.OpenWriteChannel(autoFlush: true);
        await FullSocket.FillAsync(first, output);
        return By(method, first);
    }

    private async Task<Scenario> OfDatagramSocketAsync(MethodInfo method)
    {
        if (method.Name.StartsWith("Receive", StringComparison.Ordinal))
        {
            DatagramSocket idle = await selector.Udp().BindAsync("127.0.0.1");
            _cleanup.Add(idle.DisposeAsync);
            return By(method, idle);
        }

        // The kernel drops a UDP datagram for which there is no room. A Unix socket waits.
        UnixFolder folder = Folder();
        DatagramSocket deaf = await selector.Unix().BindDatagramAsync(folder["deaf"]);
        _cleanup.Add(deaf.DisposeAsync);
        bool connected = !method.GetParameters().Any(parameter => parameter.ParameterType == typeof(EndPoint));
        DatagramSocket sender = connected
            ? await selector.Unix().ConnectDatagramAsync(folder["deaf"])
            : await selector.Unix().BindDatagramAsync(folder["sender"]);
        _cleanup.Add(sender.DisposeAsync);
        EndPoint remote = new UnixDomainSocketEndPoint(folder["deaf"]);
        await FullSocket.FillAsync(
            connected
                ? token => sender.SendAsync(new byte[1000], token)
                : token => sender.SendAsync(new byte[1000], remote, token));
        return By(method, sender, remote);
    }

    private async Task<Scenario> OfManagerAsync(MethodInfo method)
    {
        if (method.Name == nameof(SelectorManager.PingAsync))
        {
            return By(method, selector) with { NeverWaits = "A loop that is blocked is handed on to another thread, which answers." };
        }

        if (method.GetParameters()[0].ParameterType == typeof(StreamSocket))
        {
            return OnPair(token => (predecessor => selector.TakeOverAsync(predecessor, cancellationToken: token)));
        }

        // A predecessor that accepts connections and says nothing.
        UnixFolder folder = Folder();
        ServerSocket mute = await selector.Unix().BindAsync(folder["mute"]);
        _cleanup.Add(mute.DisposeAsync);
        return By(method, selector, folder["mute"]);
    }

    private async Task<Scenario> OfServerAsync(MethodInfo method)
    {
        ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        _cleanup.Add(server.DisposeAsync);
        Func<Connection, CancellationToken, Task> idle = (_, token) => Task.Delay(Timeout.Infinite, token);
        object self = method.IsStatic ? new[] { server } : server;
        switch (method.Name)
        {
            case nameof(ServerSocket.ServeAsync):
                return By(method, self, idle) with { EndsOrdinarily = true };
            case nameof(ServerSocket.StopAsync):
                Task serving = server.ServeAsync(idle);
                _cleanup.Add(() => new ValueTask(serving.Soon()));
                Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
                _cleanup.Add(() =>
                {
                    client.Dispose();
                    return default;
                });
                await Waiting.UntilAsync(() => selector.Describe().Sockets.Any(socket => socket.Kind == "connection"));
                return By(method, self) with { EndsOrdinarily = true };
            case nameof(ServerSocket.HandOverAsync) when method.GetParameters()[0].ParameterType == typeof(StreamSocket):
                return OnPair(token => (successor => server.HandOverAsync(successor, token)));
            default:
                return By(method, self, Folder()["door"]);
        }
    }

    private async Task<Scenario> OfUnixAsync(MethodInfo method)
    {
        UnixFolder folder = Folder();
        if (method.Name == nameof(UnixSocketBuilder.CreatePairAsync))
        {
            return By(method, selector.Unix()) with { NeverWaits = "The system makes a pair at once." };
        }

        if (method.Name is nameof(UnixSocketBuilder.ConnectAsync) or nameof(UnixSocketBuilder.ConnectStreamAsync))
        {
            string path = folder["full"];
            var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen(0);
            var queued = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await queued.ConnectAsync(new UnixDomainSocketEndPoint(path));
            _cleanup.Add(() =>
            {
                queued.Dispose();
                listener.Dispose();
                return default;
            });
            return By(method, selector.Unix(), path);
        }

        // To replace the file of a dead server, the call has to lock the folder, and the test holds that lock.
        string stale = folder.Stale("stale");
        DirectoryLock held = (await DirectoryLock.TakeAsync(folder.Path, TimeSpan.Zero, TimeProvider.System, CancellationToken.None))!;
        _cleanup.Add(() =>
        {
            held.Dispose();
            return default;
        });
        if (method.Name == nameof(UnixSocketBuilder.ConnectDatagramAsync))
        {
            DatagramSocket peer = await selector.Unix().BindDatagramAsync(folder["peer"]);
            _cleanup.Add(peer.DisposeAsync);
            return new(token => selector.Unix().ConnectDatagramAsync(folder["peer"], stale, cancellationToken: token).AsTask());
        }

        return By(method, selector.Unix(), stale);
    }

    // The call closes its connection: each has its own.
    private Scenario OnPair(Func<CancellationToken, Func<StreamSocket, Task>> call) => new(async token =>
    {
        (StreamSocket first, StreamSocket second) = await selector.Unix().CreatePairAsync(CancellationToken.None);
        _cleanup.Add(second.DisposeAsync);
        await call(token)(first).ConfigureAwait(false);
    });

    private UnixFolder Folder()
    {
        var folder = new UnixFolder();
        _cleanup.Add(() =>
        {
            folder.Dispose();
            return default;
        });
        return folder;
    }

    // A listener whose kernel accepts a client, and whose application stays silent.
    private EndPoint Silent()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        _cleanup.Add(() =>
        {
            listener.Dispose();
            return default;
        });
        return listener.LocalEndPoint!;
    }

    // With as long to close as a call that waits for the close may take.
    private async Task<(StreamSocket First, StreamSocket Second)> UnixPairAsync()
    {
        (StreamSocket first, StreamSocket second) = await selector.Unix().Configure(options => options.CloseTimeout = Waiting.Patience).CreatePairAsync();
        AbortAfterwards(first, second);
        return (first, second);
    }

    private async Task<(Connection Client, Connection Server)> TcpPairAsync()
    {
        (StreamSocket client, StreamSocket accepted) = await Peers.OwnPairAsync(selector, options => options.CloseTimeout = Waiting.Patience);
        AbortAfterwards(client, accepted);
        return (client.OpenConnection(), accepted.OpenConnection());
    }

    private void AbortAfterwards(params StreamSocket[] sockets) => _cleanup.Add(() =>
    {
        foreach (StreamSocket socket in sockets)
        {
            socket.Abort();
        }

        return default;
    });

    // Each call with arguments that any method of the kind takes; the particular ones by their type.
    private Scenario By(MethodInfo method, object instance, params object[] particular)
    {
        MethodInfo called = method.IsGenericMethodDefinition ? method.MakeGenericMethod(GenericArgument(method)) : method;
        return new(token =>
        {
            object?[] arguments = [.. called.GetParameters().Select(parameter => Argument(parameter, [instance, .. particular], token))];
            object result = called.Invoke(method.IsStatic ? null : instance, BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
            return AsTask(result, token);
        });
    }

    private static Type GenericArgument(MethodInfo method) => method.GetGenericArguments()[0].Name == "TFrame" ? typeof(string) : typeof(int);

    private object? Argument(ParameterInfo parameter, object[] particular, CancellationToken token)
    {
        Type type = parameter.ParameterType;
        if (type == typeof(CancellationToken))
        {
            return token;
        }

        if (type == typeof(string) && parameter.Name == "path" && particular.OfType<string>().FirstOrDefault() is not { })
        {
            return TemporaryFile();
        }

        if (type == typeof(UnixDomainSocketEndPoint))
        {
            return new UnixDomainSocketEndPoint(particular.OfType<string>().First());
        }

        if (type == typeof(int) && parameter.Name == "port" && particular.OfType<IPEndPoint>().FirstOrDefault() is { } at)
        {
            return at.Port;
        }

        if (particular.FirstOrDefault(type.IsInstanceOfType) is { } given && !(type == typeof(EndPoint) && parameter.Member.DeclaringType == typeof(TcpSocketBuilder)))
        {
            return given;
        }

        return type switch
        {
            _ when type == typeof(string) => parameter.Name == "host" ? (particular.Any(item => item is IPEndPoint) ? "127.0.0.1" : "no.answer.example") : "text",
            _ when type == typeof(EndPoint) => parameter.Name == "local" ? null : new DnsEndPoint("no.answer.example", 80),
            _ when type == typeof(Memory<byte>) => new byte[10].AsMemory(),
            _ when type == typeof(ReadOnlyMemory<byte>) => (ReadOnlyMemory<byte>)new byte[4],
            _ when type == typeof(OutgoingMessage) => new OutgoingMessage(new byte[4]),
            _ when type == typeof(ReadOnlySequence<byte>) => new ReadOnlySequence<byte>(new byte[10]),
            _ when type == typeof(Memory<Datagram>) => new Datagram[2].AsMemory(),
            _ when type == typeof(ReadOnlyMemory<OutgoingDatagram>) => (ReadOnlyMemory<OutgoingDatagram>)new[] { new OutgoingDatagram(new byte[1000], null) },
            _ when type == typeof(int) || type == typeof(long) => Convert.ChangeType(parameter.Name == "offset" ? 0 : 5, type, CultureInfo.InvariantCulture),
            _ when type == typeof(IBufferWriter<byte>) => new ArrayBufferWriter<byte>(),
            _ when type == typeof(IBufferWriter<char>) => new ArrayBufferWriter<char>(),
            _ when type == typeof(LineReadOptions) => LineReadOptions.Default,
            _ when type == typeof(LengthPrefix) => new LengthPrefix(2),
            _ when type == typeof(Encoding) => Encoding.UTF8,
            _ when type == typeof(IFrameDecoder<string>) => FrameDecoder.Lines(),
            _ when type == typeof(IFrameEncoder<string>) => FrameEncoder.Lines(),
            _ when type == typeof(IFrameEncoder<ReadOnlySequence<byte>>) => FrameEncoder.LengthPrefixed(new LengthPrefix(2), 100),
            _ when type == typeof(Func<Span<byte>, int, int>) => (Func<Span<byte>, int, int>)((_, _) => 1),
            _ when type == typeof(Stream) => new MemoryStream(new byte[10]),
            _ when type == typeof(PipeWriter) => new Pipe().Writer,
            _ when type == typeof(ByteWriteChannel) => new ByteChannel().Writer,
            _ when type == typeof(SafeFileHandle) => File.OpenHandle(TemporaryFile()),
            _ when type == typeof(IReadOnlyList<SafeHandle>) => Array.Empty<SafeHandle>(),
            _ when type == typeof(SslClientAuthenticationOptions) => new SslClientAuthenticationOptions { TargetHost = "localhost" },
            _ when type == typeof(SslServerAuthenticationOptions) => new SslServerAuthenticationOptions { ServerCertificate = TestCertificates.Server },
            _ when type == typeof(TimeSpan) => Timeout.InfiniteTimeSpan,
            { IsValueType: true } => Activator.CreateInstance(type),
            _ when parameter.HasDefaultValue => null,
            _ => throw new AssertionException($"No argument for {parameter.Name} of {TokenMethods.NameOf((MethodInfo)parameter.Member)}."),
        };
    }

    private string TemporaryFile()
    {
        string path = Folder()["file"];
        File.WriteAllBytes(path, new byte[100_000]);
        return path;
    }

    private static Task AsTask(object result, CancellationToken token)
    {
        switch (result)
        {
            case Task task:
                return task;
            case ValueTask plain:
                return plain.AsTask();
        }

        Type type = result.GetType();
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>))
        {
            return (Task)type.GetMethod("AsTask")!.Invoke(result, null)!;
        }

        Type sequence = type.GetInterfaces().Single(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>));
        object enumerator = sequence.GetMethod("GetAsyncEnumerator")!.Invoke(result, [token])!;
        Type element = typeof(IAsyncEnumerator<>).MakeGenericType(sequence.GetGenericArguments());
        return ((ValueTask<bool>)element.GetMethod("MoveNextAsync")!.Invoke(enumerator, null)!).AsTask();
    }
}
