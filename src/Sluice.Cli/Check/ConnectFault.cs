using System.Net;
using System.Net.Sockets;
using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Check;

/// <summary>Says what a failed attempt to connect means.</summary>
internal static class ConnectFault
{
    /// <summary>What a reset before any answer means. It may come before the attempt to connect has ended.</summary>
    public const string ResetText = "The server accepts the connection and resets it: it fails, does not take this client, or has too many connections. See its log.";

    /// <summary>Gets what an attempt failed with, in a word or two.</summary>
    public static (Fault Fault, string Text) Of(Exception exception) => exception switch
    {
        TimeoutException => (Fault.Timeout, "no answer"),
        SocketException { SocketErrorCode: SocketError.TimedOut } => (Fault.Timeout, "no answer"),
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => (Fault.Refused, "refused"),
        SocketException { SocketErrorCode: SocketError.HostUnreachable or SocketError.HostDown } => (Fault.Unreachable, "unreachable"),
        SocketException { SocketErrorCode: SocketError.NetworkUnreachable or SocketError.NetworkDown } => (Fault.Unreachable, "no route from this machine"),
        SocketException { SocketErrorCode: SocketError.ConnectionReset } => (Fault.Reset, "connected and reset"),
        _ => (Fault.Connect, exception.Message.Split(": ")[^1]),
    };

    /// <summary>Gets the verdict on a server that none of the attempts has reached.</summary>
    public static Verdict Explain(Address address, Attempt attempt) => new(attempt.Fault, address.Kind == AddressKind.Unix ? OfPath(address, attempt) : attempt.Fault switch
    {
        Fault.Refused when IsHere(attempt) =>
            $"Nothing listens at {address.HostAndPort}. Start the server, or see with 'ss -ltn' at which addresses and ports it listens.",
        Fault.Refused =>
            $"{address.Host} answers, but nothing listens at port {address.Number}, or a firewall refuses. " +
            "See on that machine with 'ss -ltn' whether the server runs, at this port, and not only at 127.0.0.1.",
        Fault.Timeout when IsHere(attempt) =>
            $"Something listens at {address.HostAndPort}, but it does not accept connections: it hangs or has too much to do, and its backlog is full ('ss -ltn' shows both).",
        Fault.Timeout =>
            $"{address.HostAndPort} does not answer: a firewall drops the packets, the machine is down, or the server does not accept connections and its backlog is full.",
        Fault.Unreachable =>
            $"There is no way from here to {address.Host}: it is down, or the network of this machine or a router on the way does not lead to it. See 'ip route get {attempt.Host}'.",
        Fault.Reset => ResetText,
        _ => $"This machine cannot connect to {address.HostAndPort}: {attempt.Text}.",
    });

    private static string OfPath(Address address, Attempt attempt)
    {
        if (address.Host.StartsWith('\0'))
        {
            return $"Nothing listens at {address}. Start the server; 'ss -lx' shows which names there are.";
        }

        return File.Exists(address.Host)
            ? attempt.Fault switch
            {
                Fault.Refused => $"{address.Host} is left over from a server that has ended. Start the server.",
                Fault.Timeout => $"A server listens at {address.Host}, but it does not accept connections: it hangs or has too much to do, and its backlog is full.",
                _ => $"This user cannot connect to {address.Host}: {attempt.Text}.",
            }
            : $"There is no {address.Host}, or this user cannot see it. Start the server, or see with 'ss -lx' where it listens.";
    }

    private static bool IsHere(Attempt attempt) => IPAddress.TryParse(attempt.Host, out IPAddress? literal) && IPAddress.IsLoopback(literal);
}
