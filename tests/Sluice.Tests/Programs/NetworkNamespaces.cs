namespace Sluice.Tests.Programs;

/// <summary>
/// Two network namespaces with a cable between them: a network of a test's own, which nothing leaves. Programs run in
/// <see cref="Near"/> (192.0.2.1, 2001:db8::1) or <see cref="Far"/> (192.0.2.2, 2001:db8::2). Skips the test where they cannot be made.
/// </summary>
internal sealed class NetworkNamespaces : IAsyncDisposable
{
    private static int s_count;

    private NetworkNamespaces(string name)
    {
        Near = $"{name}n";
        Far = $"{name}f";
    }

    /// <summary>The namespace's name, as <c>ip netns</c> has it. Its end of the cable is <c>wire</c>.</summary>
    public string Near { get; }

    /// <inheritdoc cref="Near"/>
    public string Far { get; }

    public static async Task<NetworkNamespaces> CreateAsync()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            Assert.Ignore("Network namespaces need Linux, and root.");
        }

        var pair = new NetworkNamespaces($"sluice{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}");
        try
        {
            await IpAsync("netns", "add", pair.Near);
            await IpAsync("netns", "add", pair.Far);
            await IpAsync("-n", pair.Near, "link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", pair.Far);
            await SetUpAsync(pair.Near, "192.0.2.1/24", "2001:db8::1/64");
            await SetUpAsync(pair.Far, "192.0.2.2/24", "2001:db8::2/64");
        }
        catch (AssertionException exception)
        {
            await pair.DisposeAsync();
            Assert.Ignore($"Network namespaces cannot be made here: {exception.Message}");
        }

        return pair;
    }

    /// <summary>Runs a command of <c>ip</c>, such as <c>-n NAMESPACE route add …</c>.</summary>
    public static Task<string> IpAsync(params string[] arguments) => RealPeer.RunAsync("ip", arguments);

    /// <summary>This assembly as a process in a namespace; see <see cref="Program"/>.</summary>
    public static ChildProcess Start(string name, params string[] arguments) =>
        ChildProcess.Run([RealPeer.Find("ip"), "netns", "exec", name, .. ChildProcess.Command, .. arguments]);

    /// <summary>Has programs that are started in a namespace from now on ask this name server and no other.</summary>
    public static async Task SetNameServerAsync(string name, string address)
    {
        Directory.CreateDirectory(ConfigurationOf(name));
        await File.WriteAllTextAsync(Path.Combine(ConfigurationOf(name), "resolv.conf"), $"nameserver {address}\n");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (string name in (string[])[Near, Far])
        {
            if (Directory.Exists(ConfigurationOf(name)))
            {
                Directory.Delete(ConfigurationOf(name), recursive: true);
            }

            if (File.Exists($"/run/netns/{name}"))
            {
                await IpAsync("netns", "delete", name);
            }
        }
    }

    // What ip-netns(8) puts in place of files of /etc.
    private static string ConfigurationOf(string name) => $"/etc/netns/{name}";

    private static async Task SetUpAsync(string name, string address, string address6)
    {
        await IpAsync("-n", name, "address", "add", address, "dev", "wire");
        await IpAsync("-n", name, "address", "add", address6, "dev", "wire", "nodad");
        await IpAsync("-n", name, "link", "set", "lo", "up");
        await IpAsync("-n", name, "link", "set", "wire", "up");
    }
}
