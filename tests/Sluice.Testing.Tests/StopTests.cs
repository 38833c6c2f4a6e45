namespace Sluice.Testing.Tests;

/// <summary>Servers that stop under load, and closes of peers that are gone.</summary>
public sealed class StopTests
{
    [Test]
    public Task A_server_that_stops_answers_what_it_has_begun() => Simulation.RunAsync(300, async network =>
    {
        SimulatedHost server = network.AddHost("server");
        SimulatedHost client = network.AddHost("client");
        ServerSocket listener = await server.RunAsync(async selector => await selector.Tcp().BindAsync("::", Programs.Port));
        int begun = 0;
        int answered = 0;
        Task serving = server.RunAsync(_ => listener.ServeAsync(async (connection, cancellationToken) =>
        {
            while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
            {
                begun++;
                await server.Time.Delay(TimeSpan.FromMilliseconds(network.Random.Next(50)), cancellationToken);
                await connection.Output.WriteLineAsync(line, cancellationToken);
            }
        }));
        Task[] clients = [.. Enumerable.Range(0, 5).Select(number => client.RunAsync(async selector =>
        {
            try
            {
                await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port);
                Connection connection = socket.OpenConnection();
                for (int i = 0; i < 50; i++)
                {
                    string line = $"{number}-{i}";
                    string? answer = await Programs.AskAsync(connection, line);
                    if (answer is null)
                    {
                        return;
                    }

                    Assert.That(answer, Is.EqualTo(line));
                    answered++;
                }
            }
            catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException)
            {
                // The server has closed the connection, or the listener.
            }
        }))];
        await network.Time.Delay(TimeSpan.FromMilliseconds(1 + network.Random.Next(500)));
        TimeSpan stopped = network.Time.Elapsed;

        await server.RunAsync(async _ => await listener.StopAsync(TimeSpan.FromSeconds(5)));
        await serving;
        TimeSpan took = network.Time.Elapsed - stopped;
        await Task.WhenAll(clients);

        Assert.That(took, Is.LessThan(TimeSpan.FromSeconds(1)));
        Assert.That(answered, Is.EqualTo(begun));
        Assert.That(server.Selector.Describe().Sockets, Is.Empty);
    });

    [Test]
    public Task A_server_that_stops_ends_handlers_that_hang_after_the_grace() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost server = network.AddHost("server");
        SimulatedHost client = network.AddHost("client");
        ServerSocket listener = await server.RunAsync(async selector => await selector.Tcp().BindAsync("::", Programs.Port));
        Task serving = server.RunAsync(_ => listener.ServeAsync((connection, _) => connection.Input.ReadLineAsync(CancellationToken.None).AsTask()));
        await client.RunAsync(async selector => await selector.Tcp().ConnectAsync("server", Programs.Port));
        await network.Time.Delay(TimeSpan.FromMilliseconds(network.Random.Next(10)));
        TimeSpan stopped = network.Time.Elapsed;

        await server.RunAsync(async _ => await listener.StopAsync(TimeSpan.FromSeconds(5)));
        await serving;

        Assert.That(network.Time.Elapsed - stopped, Is.LessThan(TimeSpan.FromSeconds(6)));
    });

    [Test]
    public Task A_close_ends_in_time_even_if_the_peer_is_gone() => Simulation.RunAsync(300, async network =>
    {
        SimulatedHost server = network.AddHost("server");
        SimulatedHost client = network.AddHost("client");
        server.Run(Programs.EchoAsync);
        await client.RunAsync(async selector =>
        {
            StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port, options => options.SendBufferSize = 10_000);
            Connection connection = socket.OpenConnection();
            await connection.Output.WriteAsync(new byte[network.Random.Next(5_000)]);
            switch (network.Random.Next(3))
            {
                case 0:
                    server.Crash();
                    break;
                case 1:
                    network.Partition(client, server);
                    break;
                default:
                    server.Pause();
                    break;
            }

            TimeSpan closed = network.Time.Elapsed;
            await connection.Output.WriteAsync(new byte[network.Random.Next(5_000)]);
            await socket.CloseAsync();

            Assert.That(network.Time.Elapsed - closed, Is.LessThan(StreamSocketOptions.DefaultCloseTimeout + TimeSpan.FromSeconds(0.2)));
            Assert.That(selector.Describe().Sockets, Is.Empty);
        });
    });
}
