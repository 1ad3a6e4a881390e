; convnet-batch.scm: one of the plug-in's filters over every picture of a folder, without a window.
; SPDX-License-Identifier: GPL-3.0-or-later
;
;   (convnet-batch "in/*.jpg" "out" plug-in-convnet-convolve #:kernel "sobel" #:response "absolute")
;
; Loads each picture that the pattern names, merges its visible layers, calls the procedure on it
; with the arguments given, and saves the result under the picture's own name and format in the
; folder "out", which must exist. A picture that cannot be read, filtered or saved is passed over;
; at the end those are listed with the reason, and the call fails, so that GIMP's exit code says so.
; A pattern that names no picture is an error too. A result is never written over its source.

; Calls thunk; its value, or the message of the error that it raised, in a list.
(define (convnet-batch-try thunk)
  (let ((hook *error-hook*))
    (let ((value
           (call-with-current-continuation
            (lambda (return)
              (set! *error-hook*
                    (lambda (message . rest) (return (list message))))
              (thunk)))))
      (set! *error-hook* hook)
      value)))

; The part of path behind the last separator.
(define (convnet-batch-name path)
  (let loop ((i (- (string-length path) 1)))
    (cond ((< i 0) path)
          ((memv (string-ref path i) '(#\/ #\\)) (substring path (+ i 1) (string-length path)))
          (else (loop (- i 1))))))

; path as GIMP writes it: absolute, without . and .. in it; an image takes names of XCF files only.
(define (convnet-batch-canonical image path)
  (gimp-image-set-file image (string-append path ".xcf"))
  (car (gimp-image-get-file image)))

; Filters the visible layers, merged, of image; the image that shows the result. Where the result
; did not replace the layer, since it has another size, it takes its place in the image.
(define (convnet-batch-filter procedure image arguments)
  (let* ((layer (car (gimp-image-merge-visible-layers image CLIP-TO-IMAGE)))
         (values (apply procedure
                        (append (list #:run-mode RUN-NONINTERACTIVE
                                      #:image image
                                      #:drawables (vector layer))
                                arguments)))
         (results (car values))
         (target (cadr values)))
    (if (and (= target image) (not (memv layer (vector->list results))))
        (begin
          (gimp-image-remove-layer image layer)
          (gimp-image-resize-to-layers image)))
    target))

; Filters one picture; #t, or a list with the reason why not.
(define (convnet-batch-picture procedure arguments from to)
  (let* ((image #f)
         (result #f)
         (outcome
          (convnet-batch-try
           (lambda ()
             (set! image (car (gimp-file-load RUN-NONINTERACTIVE from)))
             (if (equal? (convnet-batch-canonical image from) (convnet-batch-canonical image to))
                 (list "the result would replace the picture itself")
                 (begin
                   (set! result (convnet-batch-filter procedure image arguments))
                   (gimp-file-save RUN-NONINTERACTIVE result to)
                   #t))))))
    (if (and result (not (= result image))) (gimp-image-delete result))
    (if image (gimp-image-delete image))
    outcome))

(define (convnet-batch pattern folder procedure . arguments)
  (let* ((paths (car (file-glob #:pattern pattern #:filename-encoding TRUE)))
         (failed
          (let loop ((rest paths) (failed '()))
            (if (null? rest)
                (reverse failed)
                (let* ((from (car rest))
                       (to (string-append folder DIR-SEPARATOR (convnet-batch-name from)))
                       (outcome (convnet-batch-picture procedure arguments from to)))
                  (display (if (eq? outcome #t) "wrote  " "failed "))
                  (display (if (eq? outcome #t) to from))
                  (newline)
                  (loop (cdr rest)
                        (if (eq? outcome #t)
                            failed
                            (cons (string-append from ": " (car outcome)) failed))))))))
    (if (null? paths)
        (error (string-append "convnet-batch: no picture matches " pattern)))
    (if (pair? failed)
        (error (apply string-append
                      "convnet-batch: " (number->string (length failed)) " of "
                      (number->string (length paths)) " pictures failed:"
                      (map (lambda (line) (string-append "\n  " line)) failed))))))
