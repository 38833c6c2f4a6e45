using Sluice.Stress.Kit;

namespace Sluice.Stress.Races;

/// <summary>Two ends begin TLS on their connection, as STARTTLS does, while either of them closes, aborts or is cancelled.</summary>
internal sealed class UpgradingRace : Race
{
    public override IReadOnlyList<Wire> Wires { get; } = [Wire.Tcp, Wire.Unix, Wire.Memory];

    public override async Task RunAsync(Round round)
    {
        (Connection client, Connection server) = await round.World.ConnectPairAsync();
        using var cancelling = new CancellationTokenSource();
        Connection ended = round.Random.Next(2) == 0 ? client : server;
        Random ending = round.Fork();
        await round.TogetherAsync(
            () => UpgradeAsync(round, "The client", client, ended, token => client.UpgradeToTlsClientAsync(World.TlsOptions, null, token), cancelling.Token),
            () => UpgradeAsync(
                round, "The server", server, ended, token => server.UpgradeToTlsServerAsync(World.ServerOptions, null, token), cancelling.Token),
            async () =>
            {
                Thread.SpinWait(ending.Next(300_000));
                await (ending.Next(4) switch
                {
                    0 => round.TryAsync(Allowed.None, ended.Abort, "Aborting"),
                    1 => round.TryAsync(Allowed.None, () => ended.CloseAsync(), what: "Closing"),
                    2 => round.TryAsync(Allowed.None, cancelling.Cancel, "Cancelling"),
                    _ => Task.CompletedTask,
                });
            });
        await round.TryAsync(Allowed.None, client.Abort, "Aborting the client at last");
        await round.TryAsync(Allowed.None, server.Abort, "Aborting the server at last");
    }

    private static Task UpgradeAsync(
        Round round, string who, Connection connection, Connection ended, Func<CancellationToken, ValueTask<Connection>> upgrade, CancellationToken cancellationToken) =>
        round.TryAsync(
            Allowed.Canceled | Allowed.Peer | Allowed.Handshake | (connection == ended ? Allowed.Closed : 0),
            async () =>
            {
                Connection secured = await upgrade(cancellationToken);

                // A word each way, if it comes to that.
                Task writing = round.TryAsync(Allowed.Closed | Allowed.Peer, () => secured.Output.WriteAsync(Pattern.At(0, 3000)), what: $"{who} writes");
                byte[] buffer = new byte[3000];
                Pattern.Check(buffer.AsSpan(0, await secured.Input.ReadAtLeastAsync(buffer, buffer.Length, cancellationToken)), 0);
                await writing;
                await secured.CloseAsync(CancellationToken.None);
            },
            cancellationToken,
            $"{who} under TLS");
}
