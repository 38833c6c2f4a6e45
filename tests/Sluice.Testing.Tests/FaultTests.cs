using System.Net.Sockets;
using Sluice.Testing.Links;

namespace Sluice.Testing.Tests;

/// <summary>Faults of hosts and links.</summary>
public sealed class FaultTests
{
    [Test]
    public Task A_crash_is_silent_and_a_restart_resets_old_connections() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost client = network.AddHost("client");
        SimulatedHost server = network.AddHost("server");
        server.Run(Programs.EchoAsync);
        await client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port);
            Connection connection = socket.OpenConnection();
            server.Crash();
            Task<string?> read = connection.Input.ReadLineAsync().AsTask();
            await network.Time.Delay(TimeSpan.FromHours(1));
            Assert.That(read.IsCompleted, Is.False);

            server.Restart();
            await connection.Output.WriteLineAsync("hello");
            IOException failure = await Failure.OfAsync<IOException>(() => read);
            Assert.That(((SocketException)failure.InnerException!).SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset));

            await using StreamSocket again = await selector.Tcp().ConnectAsync("server", Programs.Port);
            Assert.That(await Programs.AskAsync(again, "hello"), Is.EqualTo("hello"));
        });
    });

    [Test]
    public Task A_crash_cancels_what_the_test_runs_on_the_host() => Simulation.RunAsync(1, async network =>
    {
        SimulatedHost host = network.AddHost("host");
        bool cleanedUp = false;
        Task running = host.RunAsync(async _ =>
        {
            try
            {
                await host.Time.Delay(TimeSpan.FromHours(1));
            }
            finally
            {
                cleanedUp = true;
            }
        });
        await network.Time.Delay(TimeSpan.FromMinutes(1));
        host.Crash();
        await Failure.OfAsync<TaskCanceledException>(() => running);
        await network.Time.Delay(TimeSpan.FromHours(2));
        Assert.That(cleanedUp, Is.False);
    });

    [Test]
    public Task A_host_that_planned_crashes_turn_off_is_off_until_the_last_of_them_ends() => Simulation.RunAsync(20, async network =>
    {
        SimulatedHost host = network.AddHost("host");
        int starts = 0;
        host.Run(_ =>
        {
            starts++;
            return Task.CompletedTask;
        });
        await network.Time.Delay(TimeSpan.FromMilliseconds(1));
        IDisposable first = Crash().Begin(network);
        using (Crash().Begin(network))
        {
            first.Dispose();
            await network.Time.Delay(TimeSpan.FromSeconds(10));
            Assert.That((host.IsRunning, starts), Is.EqualTo((false, 1)));
        }

        await network.Time.Delay(TimeSpan.FromMilliseconds(1));
        Assert.That((host.IsRunning, starts), Is.EqualTo((true, 2)));

        PlannedFault Crash() => new(SimulatedFaultKinds.Crash, host, host, TimeSpan.Zero, TimeSpan.Zero);
    });

    [Test]
    public Task A_planned_crash_leaves_a_host_as_the_test_has_turned_it([Values] bool on) => Simulation.RunAsync(20, async network =>
    {
        SimulatedHost host = network.AddHost("host");
        int starts = 0;
        host.Run(_ =>
        {
            starts++;
            return Task.CompletedTask;
        });
        await network.Time.Delay(TimeSpan.FromMilliseconds(1));
        if (!on)
        {
            host.Crash();
        }

        using (new PlannedFault(SimulatedFaultKinds.Crash, host, host, TimeSpan.Zero, TimeSpan.Zero).Begin(network))
        {
            if (on)
            {
                host.Restart();
                await network.Time.Delay(TimeSpan.FromMilliseconds(1));
            }
        }

        await network.Time.Delay(TimeSpan.FromMilliseconds(1));
        Assert.That((host.IsRunning, starts), Is.EqualTo((on, on ? 2 : 1)));
    });

    [Test]
    public Task A_paused_host_answers_after_its_pause() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost client = network.AddHost("client");
        SimulatedHost server = network.AddHost("server");
        server.Run(Programs.EchoAsync);
        await client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port);
            Task<string?> answer;
            using (server.Pause())
            {
                answer = Programs.AskAsync(socket, "hello");
                await network.Time.Delay(TimeSpan.FromSeconds(10));
                Assert.That(answer.IsCompleted, Is.False);

                // The kernel has acknowledged the bytes all the same.
                Assert.That(socket.Transport.UnacknowledgedBytes, Is.Zero);
            }

            Assert.That(await answer, Is.EqualTo("hello"));
        });
    });

    [Test]
    public Task A_host_is_paused_until_the_last_of_its_pauses_ends() => Simulation.RunAsync(20, async network =>
    {
        SimulatedHost client = network.AddHost("client");
        SimulatedHost server = network.AddHost("server");
        server.Run(Programs.EchoAsync);
        await client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port);
            IDisposable first = server.Pause();
            using (server.Pause())
            {
                Task<string?> answer = Programs.AskAsync(socket, "hello");
                first.Dispose();
                first.Dispose();
                await network.Time.Delay(TimeSpan.FromSeconds(10));
                Assert.That(answer.IsCompleted, Is.False);
            }
        });
    });

    [Test]
    public Task A_port_is_a_black_hole_until_the_last_of_its_rules_ends() => Simulation.RunAsync(20, async network =>
    {
        SimulatedHost client = network.AddHost("client");
        SimulatedHost server = network.AddHost("server");
        server.Run(Programs.EchoAsync);
        await client.RunAsync(async selector =>
        {
            Task<StreamSocket> connecting;
            IDisposable first = server.BlackHole(Programs.Port);
            using (server.BlackHole(Programs.Port))
            {
                first.Dispose();
                connecting = selector.Tcp().ConnectAsync("server", Programs.Port).AsTask();
                await network.Time.Delay(TimeSpan.FromSeconds(10));
                Assert.That(connecting.IsCompleted, Is.False);
            }

            await using StreamSocket socket = await connecting;
        });
    });

    [Test]
    public Task A_partition_in_one_direction_loses_only_that_one() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost client = network.AddHost("client");
        SimulatedHost server = network.AddHost("server");
        var received = new List<string>();
        server.Run(selector => Programs.ServeAsync(selector, async connection =>
        {
            while (await connection.Input.ReadLineAsync() is { } line)
            {
                received.Add(line);
                await connection.Output.WriteLineAsync(line);
            }
        }));
        await client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port);
            Task<string?> answer;
            using (network.Path(server, client).Partition())
            {
                answer = Programs.AskAsync(socket, "hello");
                await network.Time.Delay(TimeSpan.FromSeconds(10));
                Assert.That(received, Is.EqualTo(["hello"]));
                Assert.That(answer.IsCompleted, Is.False);
            }

            Assert.That(await answer, Is.EqualTo("hello"));
        });
    });

    [Test]
    public Task Held_packets_arrive_after_the_hold() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost client = network.AddHost("client");
        SimulatedHost server = network.AddHost("server");
        server.Run(Programs.EchoAsync);
        await client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port);
            Task<string?> answer;
            using (network.Hold(client, server))
            {
                answer = Programs.AskAsync(socket, "hello");
                await network.Time.Delay(TimeSpan.FromMilliseconds(100));
                Assert.That(answer.IsCompleted, Is.False);
            }

            Assert.That(await answer, Is.EqualTo("hello"));
            Assert.That(network.Trace.ToString(), Does.Not.Contain("-x"));
        });
    });

    [Test]
    public Task A_connection_is_cut_at_a_byte([Values] bool silently) => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost client = network.AddHost("client");
        SimulatedHost server = network.AddHost("server");
        int cutAt = network.Random.Next(0, 100);
        byte[]? received = null;
        server.Run(async selector =>
        {
            await using ServerSocket listener = await selector.Tcp().BindAsync("::", Programs.Port);
            await using StreamSocket socket = await listener.AcceptAsync();
            Connection connection = socket.OpenConnection();
            received = new byte[cutAt];
            await connection.Input.ReadExactlyAsync(received);
            await Failure.OfAsync<IOException>(async () => await connection.Input.ReadByteAsync());
        });
        network.Path(client, server).CutConnectionsAfter(cutAt, silently);
        await client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port, options => options.SocketTimeout = TimeSpan.FromMinutes(30));
            Connection connection = socket.OpenConnection();
            await connection.Output.WriteAsync(Enumerable.Range(0, 100).Select(i => (byte)i).ToArray());
            IOException failure = await Failure.OfAsync<IOException>(async () => await connection.Input.ReadByteAsync());
            Assert.That(
                ((SocketException)failure.InnerException!).SocketErrorCode, Is.EqualTo(silently ? SocketError.TimedOut : SocketError.ConnectionReset));
            await network.Time.Delay(TimeSpan.FromSeconds(1));
            Assert.That(received, Is.EqualTo(Enumerable.Range(0, cutAt)));
        });
    });

    [Test]
    public Task An_isolated_side_keeps_its_own_links() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost server = network.AddHost("server");
        SimulatedHost near = network.AddHost("near");
        SimulatedHost far = network.AddHost("far");
        server.Run(Programs.EchoAsync);
        Task<string?> AskFrom(SimulatedHost host) => host.RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port, options => options.ConnectTimeout = TimeSpan.FromSeconds(5));
            return await Programs.AskAsync(socket, host.Name);
        });

        using (network.Isolate(server, near))
        {
            Assert.That(await AskFrom(near), Is.EqualTo("near"));
            await Failure.OfAsync<TimeoutException>(() => AskFrom(far));
        }

        Assert.That(await AskFrom(far), Is.EqualTo("far"));
    });

    [Test]
    public Task Clocks_differ_by_their_offset() => Simulation.RunAsync(1, async network =>
    {
        SimulatedHost host = network.AddHost("host");
        host.ClockOffset = TimeSpan.FromMinutes(5);
        await network.Time.Delay(TimeSpan.FromDays(0.5));
        Assert.That(host.Time.GetUtcNow() - network.Time.GetUtcNow(), Is.EqualTo(TimeSpan.FromMinutes(5)));
        Assert.That(host.Time.GetTimestamp(), Is.EqualTo(network.Time.GetTimestamp()));
    });
}
