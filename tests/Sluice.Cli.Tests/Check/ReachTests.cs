using System.Net;
using System.Net.Sockets;
using Sluice.Cli.Check;
using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Tests.Check;

[TestFixture]
public sealed class ReachTests
{
    private readonly Network _network = new(SelectorEngine.Portable);

    [Test]
    public async Task Addresses_that_do_not_accept_are_named_if_another_one_does()
    {
        await using LocalServer server = LocalServer.Echo();
        await using SelectorManager selector = _network.CreateSelector();
        Reach reach = Create(selector, new ScriptedResolver("127.0.0.2", "127.0.0.1"));
        (StreamSocket? socket, Verdict? fault) = await reach.RunAsync(new Address(AddressKind.Tcp, "two.test", server.Port));
        Assert.That(fault, Is.Null);
        Assert.That(socket!.RemoteEndPoint, Is.EqualTo(new IPEndPoint(IPAddress.Loopback, server.Port)));
        Assert.That(reach.Unreached, Is.EqualTo(new[] { $"127.0.0.2:{server.Port}" }));
        await socket.DisposeAsync();
    }

    [Test]
    public async Task Name_servers_that_do_not_answer_are_not_a_name_that_does_not_exist()
    {
        await using SelectorManager selector = _network.CreateSelector();
        Reach reach = Create(selector, new ScriptedResolver((_, _, _) => throw new SocketException((int)SocketError.TryAgain)));
        (_, Verdict? fault) = await reach.RunAsync(new Address(AddressKind.Tcp, "name.test", 80));
        Assert.That(fault!.Fault, Is.EqualTo(Fault.Name));
        Assert.That(fault.Text, Does.StartWith("The name servers of this machine do not answer"));
    }

    private Reach Create(SelectorManager selector, INameResolver resolver) =>
        new(new Dialer(selector, new DialSettings(_network)), _network, TimeSpan.FromSeconds(5), new CheckOutput(json: false), resolver);
}
