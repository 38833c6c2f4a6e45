namespace Sluice.Bench.Contenders;

/// <summary>Sets of modes that several contenders support.</summary>
internal static class ContenderModes
{
    public static IReadOnlyList<ServerMode> Echo { get; } = [ServerMode.Raw, ServerMode.Lines];

    public static IReadOnlyList<ServerMode> Datagrams { get; } = [ServerMode.DatagramEcho, ServerMode.DatagramSink];

    public static IReadOnlyList<ServerMode> Tls { get; } = [ServerMode.TlsRaw, ServerMode.TlsSink, ServerMode.TlsSource];

    public static IReadOnlyList<ServerMode> EchoAndBulk { get; } = [.. Echo, ServerMode.Sink, ServerMode.Source];
}
