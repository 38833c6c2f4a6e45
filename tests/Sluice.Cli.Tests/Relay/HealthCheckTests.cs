using System.Net.Sockets;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Relay;

namespace Sluice.Cli.Tests.Relay;

[TestFixture]
public sealed class HealthCheckTests
{
    // An address of the other family is an error of the arguments, and not of the network.
    private static readonly DialSettings s_settings = new(new Network(Family: AddressFamily.InterNetworkV6));
    private static readonly Address s_target = new(AddressKind.Tcp, "127.0.0.1", 1);

    [Test]
    public async Task A_target_that_cannot_be_connected_to_for_any_reason_is_down_and_the_checks_go_on()
    {
        await using SelectorManager selector = s_settings.Network.CreateSelector();
        var targets = new TargetList([s_target], Balance.First, TimeSpan.FromSeconds(5), TimeProvider.System);
        using var stopping = new CancellationTokenSource();
        Task checking = new HealthCheck(targets, new Dialer(selector, s_settings), new RelayLog(quiet: true, json: false)).RunAsync(TimeSpan.FromMilliseconds(1), stopping.Token);
        await Waiting.UntilAsync(() => !targets.All[0].IsUp || checking.IsCompleted, "the target is down");
        targets.All[0].MarkUp();
        await Waiting.UntilAsync(() => !targets.All[0].IsUp || checking.IsCompleted, "the target is checked again");
        Assert.That(checking.IsCompleted, Is.False);
        await stopping.CancelAsync();
        await checking.Soon();
    }
}
