using System.Net.Sockets;
using System.Security.Authentication;

namespace Sluice.Tests.Tls;

/// <summary>Handshakes that are cut short leave no descriptor open.</summary>
public sealed class HandshakeLeakTests(SelectorEngine engine) : TlsFixture(engine)
{
    [Test]
    public async Task A_server_that_closes_during_handshakes_at_every_stage_leaves_nothing_behind()
    {
        int before = Descriptors.Count();
        for (int round = 0; round < 30; round++)
        {
            ServerSocket server = (await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon()).UseTls(ServerCertificate);
            Task<StreamSocket> accepting = server.AcceptAsync().AsTask();
            Task<Exception?>[] clients = [.. Enumerable.Range(0, 6).Select(_ => ComeAsync(server.Port))];
            await Task.Run(() => Thread.SpinWait(round * 10_000));
            await server.DisposeAsync();

            if (await accepting.OutcomeAsync() is null)
            {
                (await accepting).Abort();
            }

            await Task.WhenAll(clients).Soon();
        }

        await Waiting.UntilAsync(() => Descriptors.Count() <= before);

        async Task<Exception?> ComeAsync(int port)
        {
            try
            {
                StreamSocket socket = await Selector.Tcp().ConnectTlsAsync("127.0.0.1", port, Trusting());
                socket.Abort();
                return null;
            }
            catch (Exception exception) when (exception is IOException or SocketException or AuthenticationException)
            {
                return exception;
            }
        }
    }

    [Test]
    public async Task A_client_that_gives_up_at_any_time_of_the_handshake_leaves_nothing_behind()
    {
        int before = Descriptors.Count();
        await using ServerSocket server = (await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon()).UseTls(ServerCertificate);
        Task serving = server.ServeAsync((connection, token) => connection.Input.CopyToAsync(connection.Output, cancellationToken: token).AsTask());
        for (int round = 0; round < 60; round++)
        {
            using var cancel = new CancellationTokenSource();
            Task<StreamSocket> connecting = Selector.Tcp().ConnectTlsAsync("127.0.0.1", server.Port, Trusting(), cancellationToken: cancel.Token).AsTask();
            await Task.Run(() => Thread.SpinWait(round * 5_000));
            await cancel.CancelAsync();
            switch (await connecting.OutcomeAsync())
            {
                case null:
                    await (await connecting).CloseAsync().Soon();
                    break;
                case OperationCanceledException:
                    break;
                case var other:
                    Assert.Fail($"{other}");
                    break;
            }
        }

        await server.StopAsync(Patience).Soon();
        await serving.Soon();
        await Waiting.UntilAsync(() => Descriptors.Count() <= before);
    }
}
