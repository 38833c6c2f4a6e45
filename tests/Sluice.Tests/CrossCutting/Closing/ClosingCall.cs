namespace Sluice.Tests.CrossCutting.Closing;

/// <summary>A call on a connection that is made again and again until it fails.</summary>
/// <param name="Name">Its name.</param>
/// <param name="RunAsync">Makes it.</param>
/// <param name="Given">What the peer has to send for it; null for anything.</param>
internal sealed record ClosingCall(string Name, Func<Connection, Task> RunAsync, byte[]? Given = null);
