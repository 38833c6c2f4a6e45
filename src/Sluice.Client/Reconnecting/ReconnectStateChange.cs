using System.Net;

namespace Sluice.Client;

/// <summary>Represents a change of the state of a <see cref="ReconnectingConnection{TSession}"/>.</summary>
/// <param name="State">The new state.</param>
/// <param name="EndPoint">The end point to which it connects, is or was connected; null otherwise.</param>
/// <param name="Cause">Why the session ended, or could not be opened; null if there is no such reason.</param>
/// <param name="Delay">The time until the next try; zero in other states than <see cref="ReconnectState.Waiting"/>.</param>
public sealed record ReconnectStateChange(ReconnectState State, EndPoint? EndPoint = null, Exception? Cause = null, TimeSpan Delay = default);
