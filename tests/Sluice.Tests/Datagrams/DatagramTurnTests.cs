using System.Diagnostics;
using System.Net.Sockets;
using Sluice.Engine.Interop;
using Sluice.Scheduling;

namespace Sluice.Tests.Datagrams;

/// <summary>Sends in the turn of a loop whose budget is spent, or whose end sends them.</summary>
public sealed class DatagramTurnTests(SelectorEngine engine) : BothEngines(engine)
{
    private static readonly TimeSpan s_duration = TimeSpan.FromSeconds(1);

    // On a busy machine the monitor would take over turns that a test needs.
    protected override SelectorOptions Options => new() { HandoffAfter = Timeout.InfiniteTimeSpan };

    [Test]
    public async Task A_send_without_a_budget_ends_also_where_the_turn_is_taken_over_at_that_moment()
    {
        await using DatagramSocket receiver = await Selector.Udp().BindAsync("127.0.0.1");
        await using DatagramSocket sender = await Selector.Udp().BindAsync("127.0.0.1");
        LoopTurn? turn = null;
        int round = 0;
        int taken = 0;
        Task taking = Task.Factory.StartNew(TakeOver, TaskCreationOptions.LongRunning);
        try
        {
            long started = Stopwatch.GetTimestamp();
            for (int i = 1; Stopwatch.GetElapsedTime(started) < s_duration; i++)
            {
                turn = new LoopTurn(ThreadPoolScheduler.Instance);
                Task sending = SendWithoutBudget(turn, i);
                await sending.Soon($"send {i}");
            }

            TestContext.Out.WriteLine($"{taken} of {round} turns were taken over");
        }
        finally
        {
            Volatile.Write(ref round, int.MaxValue);
        }

        await taking.Soon();

        void TakeOver()
        {
            int seen = 0;
            while (seen < int.MaxValue)
            {
                int now = Volatile.Read(ref round);
                if (now == seen)
                {
                    continue;
                }

                seen = now;
                Thread.SpinWait(now % 60);
                taken += turn!.TryTakeOver(turn.State) ? 1 : 0;
            }
        }

        Task SendWithoutBudget(LoopTurn turn, int i)
        {
            turn.Begin();
            try
            {
                long entered = turn.Enter();
                for (int left = LoopTurn.Budget; left > 0; left--)
                {
                    LoopTurn.ConsumeBudget();
                }

                Volatile.Write(ref round, i);
                Task sending = sender.SendAsync(new byte[1], receiver.LocalEndPoint).AsTask();
                turn.TryExit(entered);
                return sending;
            }
            finally
            {
                turn.End();
            }
        }
    }

    [Test]
    [Platform("Linux")]
    public async Task A_caller_that_waits_for_an_answer_hears_that_the_system_has_refused_the_question()
    {
        if (Engine != SelectorEngine.Epoll)
        {
            Assert.Ignore("Only the epoll engine sends at the end of a turn.");
        }

        await using DatagramSocket peer = await Selector.Udp().BindAsync("127.0.0.1");
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(peer.LocalEndPoint);
        using SocketHandle same = HandleTransfer.Duplicate(socket.SafeHandle);
        await using DatagramSocket connected = Selector.AdoptDatagram(socket);
        Task<Exception?> asking = AskAsync();
        await peer.SendAsync(new byte[1], connected.LocalEndPoint).Soon();

        Assert.That((await asking.Soon() as SocketException)?.SocketErrorCode, Is.EqualTo(SocketError.Shutdown));
        await peer.SendAsync(new byte[2], connected.LocalEndPoint).Soon();
        Assert.That((await connected.ReceiveAsync(new byte[10]).Soon()).Count, Is.EqualTo(2));

        async Task<Exception?> AskAsync()
        {
            // Goes on in a turn of the loop.
            byte[] buffer = new byte[10];
            await connected.ReceiveAsync(buffer).ConfigureAwait(false);

            // The first one leaves at once. The second one leaves at the end of the turn, which is the wait.
            await connected.SendAsync(new byte[1]);
            await connected.SendAsync(new byte[1]);
            using (DescriptorLease lease = same.Lease())
            {
                _ = Libc.Shutdown(lease.Descriptor, LinuxConstants.ShutWrite);
            }

            return await connected.ReceiveAsync(buffer).OutcomeAsync();
        }
    }
}
