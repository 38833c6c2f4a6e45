using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Check;

/// <summary>Looks up the name of a server, and connects to each of its addresses.</summary>
internal sealed class Reach(Dialer dialer, Network network, TimeSpan timeout, CheckOutput output, INameResolver resolver)
{
    /// <summary>Gets the addresses that did not accept, if another one did.</summary>
    public IReadOnlyList<string> Unreached { get; private set; } = [];

    /// <summary>Connects. Exactly one of the results is null.</summary>
    public async Task<(StreamSocket? Socket, Verdict? Fault)> RunAsync(Address address)
    {
        (string[] hosts, Verdict? fault) = address.HasPort ? await LookUpAsync(network.HostOf(address)) : ([address.Host], null);
        if (fault is not null)
        {
            return (null, fault);
        }

        Task<Attempt>[] attempts = [.. hosts.Select(host => AttemptAsync(address with { Host = host }))];
        StreamSocket? first = null;
        foreach (Task<Attempt> pending in attempts)
        {
            Attempt attempt = await pending;
            output.Step("connect", attempt.Text, attempt.Socket is not null, attempt.Elapsed, attempt.Name);
            if (first is null)
            {
                first = attempt.Socket;
            }
            else if (attempt.Socket is { } further)
            {
                await further.DisposeAsync();
            }
        }

        Attempt[] failed = [.. attempts.Select(one => one.Result).Where(one => one.Socket is null)];
        Unreached = [.. failed.Select(one => one.Name)];
        return first is null ? (null, ConnectFault.Explain(address, failed.MinBy(one => one.Fault)!)) : (first, null);
    }

    private async Task<(string[] Hosts, Verdict? Fault)> LookUpAsync(string host)
    {
        if (IPAddress.TryParse(host, out _))
        {
            return ([host], null);
        }

        long began = Stopwatch.GetTimestamp();
        try
        {
            // The lookup of the system cannot be canceled.
            IReadOnlyList<IPAddress> addresses = await resolver.ResolveAsync(host, AddressFamily.Unspecified, CancellationToken.None).AsTask().WaitAsync(timeout);
            string[] hosts = addresses.Count > 0 ? [.. addresses.Select(one => $"{one}").Distinct()] : throw new SocketException((int)SocketError.HostNotFound);
            output.Step("name", $"{host} is {string.Join(", ", hosts)}", ok: true, Stopwatch.GetElapsedTime(began));
            return (hosts, null);
        }
        catch (Exception exception) when (exception is SocketException or TimeoutException or ArgumentException)
        {
            output.Step("name", exception.Message, ok: false, Stopwatch.GetElapsedTime(began), host);
            return ([], new Verdict(Fault.Name, NameFault(host, exception)));
        }
    }

    private string NameFault(string host, Exception exception) => exception switch
    {
        TimeoutException or SocketException { SocketErrorCode: SocketError.TryAgain } =>
            $"The name servers of this machine do not answer, or cannot find out about '{host}'. See its network and /etc/resolv.conf, or give the address of the server.",
        _ when network.Family != AddressFamily.Unspecified =>
            $"The name '{host}' has no {(network.Family == AddressFamily.InterNetwork ? "IPv4" : "IPv6")} address. Look for a typing error, or try without -4 and -6.",
        _ => $"There is no name '{host}'. Look for a typing error; a name without dots may need the domain behind it.",
    };

    private async Task<Attempt> AttemptAsync(Address address)
    {
        string name = address.HasPort ? address.HostAndPort : $"{address}";
        long began = Stopwatch.GetTimestamp();
        try
        {
            StreamSocket socket = await dialer.ConnectAsync(address, CancellationToken.None);
            return new Attempt(address.Host, name, socket, Fault.None, "connected", Stopwatch.GetElapsedTime(began));
        }
        catch (Exception exception) when (exception is SocketException or IOException or TimeoutException)
        {
            (Fault fault, string text) = ConnectFault.Of(exception);
            return new Attempt(address.Host, name, null, fault, text, Stopwatch.GetElapsedTime(began));
        }
    }
}
