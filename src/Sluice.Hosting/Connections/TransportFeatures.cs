using System.Collections;
using System.Collections.Frozen;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Sluice.Hosting.Connections;

/// <summary>The features of a connection. The connection itself implements most of them; the collection stores only those that others add.</summary>
internal sealed class TransportFeatures(TransportConnection connection) : IFeatureCollection
{
    private static readonly FrozenSet<Type> s_own = new[]
    {
        typeof(IConnectionEndPointFeature),
        typeof(IConnectionIdFeature),
        typeof(IConnectionItemsFeature),
        typeof(IConnectionLifetimeFeature),
        typeof(IConnectionSocketFeature),
        typeof(IConnectionTransportFeature),
        typeof(IMemoryPoolFeature),
        typeof(IStreamSocketFeature),
    }.ToFrozenSet();

    // A null value hides one of the connection's own features.
    private Dictionary<Type, object?>? _set;

    public bool IsReadOnly => false;

    public int Revision { get; private set; }

    public object? this[Type key]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(key);
            if (_set is not null && _set.TryGetValue(key, out object? feature))
            {
                return feature;
            }

            return s_own.Contains(key) ? connection : null;
        }

        set
        {
            ArgumentNullException.ThrowIfNull(key);
            (_set ??= [])[key] = key == typeof(IConnectionHeartbeatFeature) && value is not null ? connection.ReplaceHeartbeat(value) : value;
            Revision++;
        }
    }

    public TFeature? Get<TFeature>() => (TFeature?)this[typeof(TFeature)];

    public void Set<TFeature>(TFeature? instance) => this[typeof(TFeature)] = instance;

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator()
    {
        foreach (Type type in s_own)
        {
            if (_set is null || !_set.ContainsKey(type))
            {
                yield return new(type, connection);
            }
        }

        foreach ((Type type, object? feature) in _set ?? [])
        {
            if (feature is not null)
            {
                yield return new(type, feature);
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
