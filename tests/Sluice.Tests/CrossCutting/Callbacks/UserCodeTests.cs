using System.Buffers;
using System.Diagnostics;
using System.Net;
using Sluice.Scheduling;
using Sluice.Tests.Diagnostics;

namespace Sluice.Tests.CrossCutting.Callbacks;

/// <summary>
/// No code of the user's runs on the monitor's thread, under a lock of ours, or on a loop outside a stay that can be taken over
/// (docs/selectors.md).
/// </summary>
public sealed class UserCodeTests(SelectorEngine engine) : TlsFixture(engine)
{
    private readonly UserCode _code = new();

    [Test]
    public async Task Code_of_the_users_runs_where_it_may_block([Values] bool tls)
    {
        using var pool = new TrackingPool { OnRent = () => _code.Enter("MemoryPool.Rent"), OnReturn = () => _code.Enter("IMemoryOwner.Dispose") };
        using var log = new UserLogger(name => _code.Enter($"ILogger, {name}"));
        using var meters = new HookedMeter(() => _code.Enter("MeterListener"));
        using ActivityListener activities = Listen();
        var selector = new SelectorManager(new SelectorOptions
        {
            Engine = Engine,
            LoopCount = 1,
            BufferPool = pool,
            TimeProvider = new UserTime(_code.Enter),
            LoggerFactory = log,
            MeterFactory = meters,
            NameResolver = new ScriptedResolver((_, _, _) =>
            {
                _code.Enter("INameResolver");
                return new([IPAddress.Loopback]);
            }),
        });
        _code.Probes.Add(() => selector.Describe());
        await using ServerSocket server = await selector.Tcp().Configure(Configure).BindAsync("127.0.0.1", 0);
        Task serving = server.ServeAsync(
            (connection, token) => HandleAsync(connection, tls, token),
            new ServeOptions
            {
                Admit = (_, _) =>
                {
                    _code.Enter("Admit");
                    return new(true);
                },
                OnError = (_, _) => _code.Enter("OnError"),
                OnAborted = _ => _code.Enter("OnAborted"),
            });

        await Task.WhenAll(Enumerable.Range(0, 8).Select(number => BeClientAsync(selector, server.Port, tls, number))).Soon();
        await Waiting.UntilAsync(() => _code.Called.Contains("OnError"));

        // One that is aborted with the server, one with the manager.
        Connection left = await ConnectAsync(selector, server.Port, tls);
        await left.Output.WriteLineAsync("wait");
        Assert.That(await left.Input.ReadLineAsync().Soon(), Is.EqualTo("waiting"));
        await server.StopAsync(TimeSpan.Zero).Soon();
        await serving.Soon();
        await selector.DisposeAsync().Soon();
        await left.DisposeAsync().Soon();

        Assert.That(_code.Wrong, Is.Empty);
        string[] expected =
        [
            "MemoryPool.Rent", "IMemoryOwner.Dispose", "MeterListener", "ActivityListener", "TimeProvider.GetTimestamp", "TimeProvider.CreateTimer",
            "ITimer.Change", "ITimer.Dispose", "INameResolver", "Admit", "OnError", "OnAborted", "a token's registration", "Stream.WriteAsync",
            "PipeWriter.FlushAsync", "PipeWriter.Complete", "FrameDecoder", "FrameEncoder", "a continuation", "ILogger, HandlerFailed",
        ];
        Assert.That(_code.Called, Is.SupersetOf(expected));
        if (Engine == SelectorEngine.Epoll)
        {
            Assert.That(_code.Called, Does.Contain("ILogger, LoopHandedOff"));
        }

        await pool.CheckAllReturnedAsync();
    }

    private static void Configure(StreamSocketOptions options)
    {
        options.SocketTimeout = TimeSpan.FromMinutes(1);
        options.CloseTimeout = TimeSpan.FromSeconds(10);
    }

    private async Task HandleAsync(Connection connection, bool tls, CancellationToken token)
    {
        if (tls)
        {
            connection = await connection.UpgradeToTlsServerAsync(Serving(), null, token);
        }

        Connection it = connection;
        _code.Probes.Add(() => _ = (it.Output.UnsentBytes, it.Socket.IsClosed));
        var stream = new UserStream(_ => _code.Enter("Stream.WriteAsync"));
        ByteWriteChannel toStream = stream.AsByteWriteChannel(autoFlush: true);
        ByteWriteChannel toPipe = new UserPipeWriter(_code.Enter).AsByteWriteChannel(autoFlush: true);
        _code.Probes.Add(() => _ = (toStream.UnsentBytes, toPipe.UnsentBytes));
        using CancellationTokenRegistration registration = token.Register(() => _code.Enter("a token's registration"));
        while (await connection.Input.ReadLineAsync(token) is { } line)
        {
            _code.Enter("a continuation");

            // All of them leave when the turn ends, or is taken away.
            await toStream.WriteLineAsync(line, token);
            await toPipe.WriteLineAsync(line, token);
            await connection.Output.WriteFrameAsync(new Lines(_code), line == "wait" ? "waiting" : line, token);
            switch (line)
            {
                case "block":
                    while (LoopTurn.Current is not null)
                    {
                        Thread.Sleep(1);
                    }

                    await toStream.WriteLineAsync("later", token);
                    break;
                case "throw":
                    throw new InvalidOperationException("As it was told to.");
                case "much":
                    await connection.Output.WriteAsync(new byte[3_000_000], token);
                    break;
                case "wait":
                    await Task.Delay(Timeout.Infinite, token);
                    break;
            }
        }

        await toStream.CompleteAsync(token);
        await toPipe.CompleteAsync(token);
    }

    private async Task BeClientAsync(SelectorManager selector, int port, bool tls, int number)
    {
        await using Connection connection = await ConnectAsync(selector, port, tls);
        for (int i = 0; i < 20; i++)
        {
            await AskAsync(connection, $"line {i}");
        }

        await AskAsync(connection, "block");
        if (number % 2 == 0)
        {
            // The server's loop has to go on with it again and again.
            await AskAsync(connection, "much");

            // Waits out the writes that need no room: those after them wait for it.
            await Task.Delay(50);
            await connection.Input.SkipExactlyAsync(3_000_000).Soon();
        }

        if (number % 3 == 0)
        {
            await AskAsync(connection, "throw");
        }
        else if (number % 3 == 1)
        {
            await connection.Output.WriteAsync(new byte[100_000]);
            connection.Abort();
        }
    }

    private async Task AskAsync(Connection connection, string line)
    {
        await connection.Output.WriteLineAsync(line);
        await foreach (string answer in connection.Input.ReadFramesAsync(new Lines(_code)))
        {
            Assert.That(answer, Is.EqualTo(line));
            break;
        }
    }

    private static async Task<Connection> ConnectAsync(SelectorManager selector, int port, bool tls)
    {
        StreamSocket socket = await selector.Tcp().ConnectAsync("localhost", port, Configure).Soon();
        Connection connection = socket.OpenConnection();
        return tls ? await connection.UpgradeToTlsClientAsync(Trusting()).Soon() : connection;
    }

    private ActivityListener Listen()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Sluice",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStarted = _ => _code.Enter("ActivityListener"),
            ActivityStopped = _ => _code.Enter("ActivityListener"),
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    /// <summary>Lines as frames, by code of the user's.</summary>
    private sealed class Lines(UserCode code) : IFrameEncoder<string>, IFrameDecoder<string>
    {
        public long MaxBuffered => 1000;

        public void Encode(string frame, IBufferWriter<byte> output)
        {
            code.Enter("FrameEncoder");
            output.Write(System.Text.Encoding.UTF8.GetBytes(frame + "\n"));
        }

        public bool TryDecode(in FrameInput input, out string frame, out long consumed)
        {
            code.Enter("FrameDecoder");
            if (input.Buffered.PositionOf((byte)'\n') is not { } end)
            {
                (frame, consumed) = (string.Empty, 0);
                return false;
            }

            frame = System.Text.Encoding.UTF8.GetString(input.Buffered.Slice(0, end).ToArray());
            consumed = frame.Length + 1;
            return true;
        }
    }
}
