using System.Net;
using System.Net.Security;

namespace Sluice.Tests.Engine;

/// <summary>What a message costs in memory when both ends are in this process.</summary>
public sealed class AllocationTests(SelectorEngine engine) : BothEngines(engine)
{
    private const int Messages = 20_000;

    [TestCase(1)]
    [TestCase(16)]
    public async Task Echoing_bytes_allocates_nothing(int connections)
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        _ = server.ServeAsync(async (connection, token) =>
        {
            byte[] buffer = new byte[64];
            int count;
            while ((count = await connection.Input.ReadAsync(buffer, token)) > 0)
            {
                await connection.Output.WriteAsync(buffer.AsMemory(0, count), token);
            }
        });
        Connection[] clients = await ConnectAsync(server, connections);
        byte[][] buffers = [.. clients.Select(_ => new byte[64])];

        double perMessage = await LeastPerMessageAsync(ProcessAllocations.Noise, clients.Length, async index =>
        {
            Connection client = clients[index];
            byte[] buffer = buffers[index];
            for (int i = 0; i < Messages / connections; i++)
            {
                await client.Output.WriteAsync(buffer);
                await client.Input.ReadExactlyAsync(buffer);
            }
        });

        Assert.That(perMessage, Is.LessThan(ProcessAllocations.Noise));
    }

    [TestCase(1)]
    [TestCase(64)]
    public async Task Echoing_bytes_over_TLS_allocates_no_task_a_message(int connections)
    {
        // SslStream rents memory for each record. A thread that takes a loop over finds none in the framework's pool, which is by thread. A task and its state
        // machine at each end would be far more.
        const int rented = 64;
        await using ServerSocket server = (await Selector.Tcp().BindAsync("127.0.0.1")).UseTls(TestCertificates.Server);
        _ = server.ServeAsync(async (connection, token) =>
        {
            byte[] buffer = new byte[64];
            int count;
            while ((count = await connection.Input.ReadAsync(buffer, token)) > 0)
            {
                await connection.Output.WriteAsync(buffer.AsMemory(0, count), token);
            }
        });
        var clients = new Connection[connections];
        for (int i = 0; i < connections; i++)
        {
            clients[i] = (await Selector.Tcp().ConnectTlsAsync(
                "127.0.0.1", ((IPEndPoint)server.LocalEndPoint).Port, new SslClientAuthenticationOptions().DangerousAcceptAnyCertificate()).Soon()).OpenConnection();
        }

        byte[][] buffers = [.. clients.Select(_ => new byte[64])];

        double perMessage = await LeastPerMessageAsync(rented, clients.Length, async index =>
        {
            Connection client = clients[index];
            byte[] buffer = buffers[index];
            for (int i = 0; i < Messages / connections; i++)
            {
                await client.Output.WriteAsync(buffer);
                await client.Input.ReadExactlyAsync(buffer);
            }
        });

        Assert.That(perMessage, Is.LessThan(rented));
    }

    [TestCase(1)]
    [TestCase(16)]
    public async Task Echoing_lines_allocates_the_strings_alone(int connections)
    {
        const string line = "twenty characters...";

        // A string has a header and a method table, its length, its characters and a terminator, in multiples of eight. One for each end.
        const int strings = 2 * ((22 + (2 * 20) + 7) / 8 * 8);
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        _ = server.ServeAsync(async (connection, token) =>
        {
            while (await connection.Input.ReadLineAsync(token) is { } read)
            {
                await connection.Output.WriteLineAsync(read, token);
            }
        });
        Connection[] clients = await ConnectAsync(server, connections);

        double perMessage = await LeastPerMessageAsync(strings + ProcessAllocations.Noise, clients.Length, async index =>
        {
            Connection client = clients[index];
            for (int i = 0; i < Messages / connections; i++)
            {
                await client.Output.WriteLineAsync(line);
                await client.Input.ReadLineAsync();
            }
        });

        Assert.That(perMessage, Is.InRange(strings - 1, strings + ProcessAllocations.Noise));
    }

    private async Task<Connection[]> ConnectAsync(ServerSocket server, int count)
    {
        var clients = new Connection[count];
        for (int i = 0; i < count; i++)
        {
            clients[i] = (await Selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon()).OpenConnection();
        }

        return clients;
    }

    private static Task<double> LeastPerMessageAsync(double limit, int connections, Func<int, Task> runAsync) => ProcessAllocations.LeastPerMessageAsync(
        limit, Messages, () => Task.WhenAll(Enumerable.Range(0, connections).Select(index => Task.Run(() => runAsync(index)))));
}
