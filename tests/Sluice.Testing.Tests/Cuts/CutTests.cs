namespace Sluice.Testing.Tests.Cuts;

/// <summary>Proxies, PROXY headers and TLS handshakes that are cut at every byte of either direction: both ends fail in time, and leave nothing open.</summary>
public sealed class CutTests
{
    // Keys and nonces are random, and so are the bytes and some lengths.
    private static readonly SimulationOptions s_random = new() { ChecksDeterminism = false };

    [Test]
    public Task A_request_to_a_SOCKS5_proxy() => RunAsync(() => new Socks5Scenario());

    [Test]
    public Task A_request_to_an_HTTP_proxy() => RunAsync(() => new HttpConnectScenario());

    [TestCase(ProxyProtocolVersion.V1)]
    [TestCase(ProxyProtocolVersion.V2)]
    public Task A_PROXY_header(ProxyProtocolVersion version) => RunAsync(() => new ProxyHeaderScenario(version));

    // At every fifth byte, since a handshake costs more than all else here; with SLUICE_SEEDS at each.
    [Test]
    public async Task A_TLS_handshake()
    {
        (int ofClient, int ofServer) = await CutScenario.CountAsync(() => new TlsScenario(0, 0));
        await Simulation.RunAsync((ofClient + ofServer) / TlsScenario.Step, network => new TlsScenario(ofClient, ofServer).RunAsync(network), s_random);
    }

    private static Task RunAsync(Func<CutScenario> create)
    {
        CutScenario one = create();
        return Simulation.RunAsync(Cut.CountOf(one.ClientBytes, one.ServerBytes), network => create().RunAsync(network));
    }
}
