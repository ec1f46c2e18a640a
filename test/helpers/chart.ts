import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const files: Readonly<Record<string, string>> = {
  'values.yaml':
    'gold: 1\ndeep: { a: 1, b: 2 }\nlist: [1, 2]\ngone: 1\nslow: false\nkeep: false\nselector: web\n',
  'templates/NOTES.txt': 'Dig at {{ .Release.Name }}.\n',
  'templates/note.yaml': `
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-note
  {{ if .Values.keep }}annotations: { helm.sh/resource-policy: keep }{{ end }}
data: { gold: "{{ .Values.gold }}", empty: "" }
`,
  'templates/web.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }}-web, creationTimestamp: null, labels: {}, annotations: null }
spec:
  replicas: 1
  strategy: {}
  selector: { matchLabels: { app: {{ .Values.selector }} } }
  template:
    metadata: { labels: { app: {{ .Values.selector }} }, creationTimestamp: null }
    spec:
      nodeSelector: null
      tolerations: []
      restartPolicy: ""
      securityContext: {}
      containers:
        - name: web
          image: web:1
          imagePullPolicy: ""
          args: null
          env: []
          resources: { limits: { cpu: 0.5, memory: 1024Mi } }
          volumeMounts: [{ name: note, mountPath: /note }]
      volumes: [{ name: note, configMap: { name: {{ .Release.Name }}-note, defaultMode: 0644 } }]
---
apiVersion: v1
kind: Service
metadata: { name: {{ .Release.Name }}-web }
spec: { clusterIP: "", selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Secret
metadata: { name: {{ .Release.Name }}-key }
stringData: { key: sesame }
`,
  // A ConfigMap is a test that succeeds as soon as it is made: no pod has to run for it.
  'templates/test.yaml': `
apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }}-dig, annotations: { helm.sh/hook: test } }
`,
  'templates/slow.yaml': `
{{ if .Values.slow }}
apiVersion: batch/v1
kind: Job
metadata: { name: {{ .Release.Name }}-slow, annotations: { helm.sh/hook: pre-upgrade } }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: slow, image: web:1 }] } } }
{{ end }}
`,
}

/** A chart as a player has it, in a new folder `chest`: gold, a web server, a test, and `slow`, with which an upgrade waits for ever. */
export async function writeChart(folder: string, version = '0.1.0'): Promise<void> {
  const chart = `apiVersion: v2\nname: chest\nversion: ${version}\nappVersion: "1.2"\n`
  await mkdir(join(folder, 'chest/templates'), { recursive: true })
  for (const [path, content] of Object.entries({ ...files, 'Chart.yaml': chart }))
    await writeFile(join(folder, 'chest', path), content)
}
