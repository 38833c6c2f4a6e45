using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Sluice.Channels.Messages;
using Sluice.Channels.Writing;
using Sluice.Scheduling;

namespace Sluice.Tests.Channels.Writing;

/// <summary>Writes of threads that run no loop: one alone leaves at once, those of a burst leave together at the loop's next turn.</summary>
[TestFixture]
public sealed class BurstTests
{
    private static readonly byte[] s_line = "hello\r\n"u8.ToArray();

    [Test]
    public async Task The_first_write_leaves_at_once_and_those_behind_it_together()
    {
        var sink = new CountingSink();
        var output = new ByteWriteChannel(sink, pool: null, autoFlush: true);

        await output.WriteAsync(s_line);
        Assert.That(sink.Sends, Is.EqualTo(new[] { 7 }));

        for (int i = 0; i < 10; i++)
        {
            await output.WriteAsync(s_line);
        }

        Assert.That(sink.Sends, Is.EqualTo(new[] { 7 }));
        Assert.That(sink.Scheduled, Has.Count.EqualTo(1));
        sink.RunScheduled();
        Assert.That(sink.Sends, Is.EqualTo(new[] { 7, 70 }));
    }

    [Test]
    public async Task A_clock_that_throws_keeps_no_bytes_back([Values] bool posted)
    {
        var sink = new CountingSink { TimeProvider = new ThrowingTime(new ThrowingCode(number: 0, once: true).Enter) };
        var output = new ByteWriteChannel(sink, pool: null, autoFlush: true);
        var messages = new MessageQueue(new NoOwner(), OutboxOptions.DefaultCapacity, OutboxFullMode.DropNewest, maxWaiting: 1);

        Assert.That(await WriteAsync().OutcomeAsync(), Is.InstanceOf<NotSupportedException>());
        Assert.That(sink.Sends, Is.EqualTo(new[] { 7 }));

        await WriteAsync();
        sink.RunScheduled();
        Assert.That(sink.Sends, Is.EqualTo(new[] { 7, 7 }));

        async Task WriteAsync()
        {
            if (posted)
            {
                output.SendQueue.Post(messages, s_line, together: false, out _);
            }
            else
            {
                await output.WriteAsync(s_line);
            }
        }
    }

    [Test]
    public Task A_write_after_a_receive_leaves_at_once() => AssertEachLeavesAtOnceAsync(new CountingSink(), sink => sink.Answer(microseconds: 25));

    [Test]
    public async Task Writes_of_several_callers_leave_together_for_as_long_as_that_gathers_some()
    {
        var sink = new CountingSink();
        var output = new ByteWriteChannel(sink, pool: null, autoFlush: true);
        for (int i = 0; i < 6; i++)
        {
            sink.Answer(microseconds: 5);
            await output.WriteAsync(s_line);
        }

        // The fourth follows three others more closely than one caller could.
        Assert.That(sink.Sends, Is.EqualTo(new[] { 7, 7, 7 }));
        sink.RunScheduled();
        Assert.That(sink.Sends, Is.EqualTo(new[] { 7, 7, 7, 21 }));

        // The batches are further apart than the writes were.
        for (int i = 0; i < 3; i++)
        {
            sink.Answer(microseconds: 50);
            await output.WriteAsync(s_line);
            await output.WriteAsync(s_line);
            sink.RunScheduled();
        }

        Assert.That(sink.Sends, Is.EqualTo(new[] { 7, 7, 7, 21, 14, 14, 14 }));

        // One caller is left: its second write leaves at once again.
        sink.Answer(microseconds: 50);
        await output.WriteAsync(s_line);
        sink.RunScheduled();
        sink.Answer(microseconds: 50);
        await output.WriteAsync(s_line);
        Assert.That(sink.Scheduled, Is.Empty);
        Assert.That(sink.Sends, Is.EqualTo(new[] { 7, 7, 7, 21, 14, 14, 14, 7, 7 }));
    }

    [Test]
    public async Task After_a_pause_even_several_callers_begin_anew()
    {
        var sink = new CountingSink();
        var output = new ByteWriteChannel(sink, pool: null, autoFlush: true);
        for (int i = 0; i < 3; i++)
        {
            await output.WriteAsync(s_line);
        }

        sink.RunScheduled();
        Assert.That(sink.Sends, Is.EqualTo(new[] { 7, 14 }));
        sink.Answer(microseconds: 150);
        await output.WriteAsync(s_line);
        Assert.That(sink.Sends, Is.EqualTo(new[] { 7, 14, 7 }));
        Assert.That(sink.Scheduled, Is.Empty);
    }

    [Test]
    public Task A_write_after_a_pause_leaves_at_once() =>
        AssertEachLeavesAtOnceAsync(new CountingSink(), sink => sink.Clock.Advance(TimeSpan.FromMicroseconds(150)));

    [Test]
    public void The_first_message_leaves_at_once_and_those_behind_it_together()
    {
        var sink = new CountingSink();
        SendQueue queue = new ByteWriteChannel(sink, pool: null, autoFlush: true).SendQueue;
        var messages = new MessageQueue(new NoOwner(), OutboxOptions.DefaultCapacity, OutboxFullMode.DropNewest, maxWaiting: 1);
        for (int i = 0; i < 11; i++)
        {
            queue.Post(messages, s_line, together: false, out _);
        }

        Assert.That(sink.Sends, Is.EqualTo(new[] { 7 }));
        Assert.That(sink.Scheduled, Has.Count.EqualTo(1));
        sink.RunScheduled();
        Assert.That(sink.Sends, Is.EqualTo(new[] { 7, 70 }));
    }

    [Test]
    public void Messages_of_a_group_leave_together_but_do_not_wait_once_they_are_many()
    {
        var sink = new CountingSink();
        SendQueue queue = new ByteWriteChannel(sink, pool: null, autoFlush: true).SendQueue;
        var messages = new MessageQueue(new NoOwner(), OutboxOptions.DefaultCapacity, OutboxFullMode.DropNewest, maxWaiting: 1);
        for (int i = 0; i < 2_000; i++)
        {
            queue.Post(messages, s_line, together: true, out _);
        }

        // 713 messages of 7 bytes count for 23 bytes each, more than 16 KiB.
        Assert.That(sink.Sends, Is.EqualTo(new[] { 713 * 7, 713 * 7 }));
        Assert.That(sink.Scheduled, Has.Count.EqualTo(1));
        sink.RunScheduled();
        Assert.That(sink.Sends, Is.EqualTo(new[] { 713 * 7, 713 * 7, 574 * 7 }));
    }

    [Test]
    public async Task A_flush_sends_what_a_burst_has_left()
    {
        var sink = new CountingSink();
        var output = new ByteWriteChannel(sink, pool: null, autoFlush: true);
        await output.WriteAsync(s_line);
        await output.WriteAsync(s_line);

        await output.FlushAsync();

        Assert.That(sink.Sends, Is.EqualTo(new[] { 7, 7 }));
        sink.RunScheduled();
        Assert.That(sink.Sends, Has.Count.EqualTo(2));
    }

    [Test]
    public Task Every_write_leaves_at_once_where_the_scheduler_may_be_held_up() =>
        AssertEachLeavesAtOnceAsync(new CountingSink { IsNeverHeldUp = false }, _ => { });

    [Test]
    [Platform("Linux")]
    public async Task A_burst_leaves_while_a_handler_blocks_a_loop_that_is_never_handed_over()
    {
        await using var selector = new SelectorManager(new SelectorOptions
        {
            Engine = SelectorEngine.Epoll,
            LoopCount = 1,
            HandoffAfter = Timeout.InfiniteTimeSpan,
        });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        var started = new TaskCompletionSource<Connection>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var release = new ManualResetEventSlim();
        _ = server.ServeAsync((connection, _) =>
        {
            started.SetResult(connection);
            release.Wait(CancellationToken.None);
            return Task.CompletedTask;
        });
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)server.LocalEndPoint);
        Connection connection = await started.Task;
        try
        {
            for (int i = 0; i < 100; i++)
            {
                await connection.Output.WriteAsync(s_line);
            }

            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await client.GetStream().ReadExactlyAsync(new byte[100 * s_line.Length], patience.Token);
        }
        finally
        {
            release.Set();
        }
    }

    [Test]
    public async Task Lines_that_a_pump_writes_one_by_one_arrive_in_order([Values(SelectorEngine.Epoll, SelectorEngine.Portable)] SelectorEngine engine)
    {
        const int count = 20_000;
        await using var selector = new SelectorManager(new SelectorOptions { Engine = engine });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        await using StreamSocket client = await selector.Tcp().ConnectAsync(server.LocalEndPoint);
        await using StreamSocket accepted = await server.AcceptAsync();
        ByteReadChannel input = client.OpenReadChannel();
        ByteWriteChannel output = accepted.OpenWriteChannel(autoFlush: true);

        Task pump = Task.Run(async () =>
        {
            for (int i = 0; i < count; i++)
            {
                await output.WriteLineAsync($"line {i}");
            }
        });
        for (int i = 0; i < count; i++)
        {
            Assert.That(await input.ReadLineAsync(), Is.EqualTo($"line {i}"));
        }

        await pump;
    }

    private static async Task AssertEachLeavesAtOnceAsync(CountingSink sink, Action<CountingSink> beforeEach)
    {
        var output = new ByteWriteChannel(sink, pool: null, autoFlush: true);
        for (int i = 0; i < 10; i++)
        {
            beforeEach(sink);
            await output.WriteAsync(s_line);
        }

        Assert.That(sink.Sends, Has.Count.EqualTo(10));
        Assert.That(sink.Scheduled, Is.Empty);
    }

    private sealed class NoOwner : IMessageQueueOwner
    {
        public void OnClosed()
        {
        }

        public void OnDiscarded(int count)
        {
        }
    }

    private sealed class CountingSink : IByteSink, IScheduler
    {
        public CountingSink() => TimeProvider = Clock;

        public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UnixEpoch.AddDays(1));

        public TimeProvider TimeProvider { get; init; }

        public IScheduler Scheduler => this;

        public bool IsNeverHeldUp { get; init; } = true;

        public int Receives { get; set; }

        int? IByteSink.Receives => Receives;

        public List<int> Sends { get; } = [];

        public List<IRunnable> Scheduled { get; } = [];

        public string ClosedName => nameof(CountingSink);

        public void RunScheduled()
        {
            IRunnable[] items = [.. Scheduled];
            Scheduled.Clear();
            Array.ForEach(items, item => item.Run());
        }

        /// <summary>Receives something after a while.</summary>
        public void Answer(int microseconds)
        {
            Clock.Advance(TimeSpan.FromMicroseconds(microseconds));
            Receives++;
        }

        public void Schedule(IRunnable item) => Scheduled.Add(item);

        public void RunOnPoolThread(IRunnable item) => item.Run();

        public ReadinessEvent CreateProgressEvent() => new(this);

        public int TrySend(in ReadOnlySequence<byte> bytes, ISinkClient client, out bool pending)
        {
            pending = false;
            Sends.Add((int)bytes.Length);
            return (int)bytes.Length;
        }

        public Exception SendTimeout() => new TimeoutException();

        public void ShutdownOutput()
        {
        }

        public void AbortOutput(Exception cause)
        {
        }
    }
}
